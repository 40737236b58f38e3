package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class HelloTest {
    @Test
    void greets() {
        assertEquals("hello", Hello.greeting());
    }
}
