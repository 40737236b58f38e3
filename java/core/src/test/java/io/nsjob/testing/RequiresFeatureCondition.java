package io.nsjob.testing;

import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Behind {@link RequiresFeature}. */
final class RequiresFeatureCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Optional<RequiresFeature> required = AnnotationSupport.findAnnotation(context.getElement(), RequiresFeature.class);
        if (required.isEmpty()) {
            return ConditionEvaluationResult.enabled("needs nothing");
        }
        for (Feature feature : required.get().value()) {
            if (!feature.missing().isEmpty()) {
                return skip(context, feature);
            }
        }
        return ConditionEvaluationResult.enabled("has all it needs");
    }

    private static ConditionEvaluationResult skip(ExtensionContext context, Feature feature) {
        String reason = feature.missing();
        if ("1".equals(System.getenv("STRICT")) && !feature.isElsewhere()) {
            throw new IllegalStateException("STRICT=1, and " + context.getDisplayName() + " cannot run: " + reason);
        }
        String name = context.getTestClass().map(Class::getSimpleName).orElse("?") + "." + context.getDisplayName();
        System.err.println("SKIP " + name + ": " + reason);
        return ConditionEvaluationResult.disabled(reason);
    }
}
