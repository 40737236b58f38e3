package io.nsjob.it;

import io.nsjob.Driver;
import io.nsjob.Launcher;
import io.nsjob.SandboxException;

/** Says which driver a virtual machine has; run by {@link DriverIT}. */
public final class DriverMain {
    private DriverMain() {
    }

    /** No arguments. */
    public static void main(String[] args) throws Exception {
        try (Launcher launcher = Launcher.open()) {
            System.out.println(launcher.driver());
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
        try (Launcher launcher = Launcher.open(Driver.RESIDENT)) {
            System.out.println(launcher.driver());
        } catch (SandboxException e) {
            System.out.println(e.hint().orElse(""));
        }
    }
}
