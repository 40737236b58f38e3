package io.nsjob.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Skips a test, and says so, where the machine lacks something. With STRICT=1 in the environment that is a failure, but for what
 * {@linkplain Feature#isElsewhere() only another machine has}.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(RequiresFeatureCondition.class)
public @interface RequiresFeature {
    /** All of these. */
    Feature[] value();
}
