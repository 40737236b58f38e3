package io.nsjob.internal.doctor;

import io.nsjob.Diagnosis.Cause;
import java.util.Optional;

/** Makes causes: the words, and the command that this caller would type. */
final class Remedies {
    private final Machine machine;

    Remedies(Machine machine) {
        this.machine = machine;
    }

    /** Mended by a command of root's. */
    Cause byRoot(String code, String text, String command, String hint) {
        return new Cause(code, text, Optional.of(asRoot(command)), hint);
    }

    /** Mended by a command of anybody's. */
    static Cause by(String code, String text, String command, String hint) {
        return new Cause(code, text, Optional.of(command), hint);
    }

    /** Mended by no command here. */
    static Cause inWords(String code, String text, String hint) {
        return new Cause(code, text, Optional.empty(), hint);
    }

    String asRoot(String command) {
        return machine.isRoot() ? command : "sudo " + command;
    }

    /** Each knob is set at once, and not for good. */
    Cause sysctl(String code, String text, String setting) {
        return byRoot(code, text, "sysctl -w " + setting, "to keep it over a restart, put it into a file of /etc/sysctl.d");
    }

    /** The package with newuidmap(1), by the name that it has here. */
    String installUidmap() {
        String like = " " + machine.distribution() + " ";
        if (like.matches(".* (fedora|rhel|centos) .*")) {
            return asRoot("dnf install -y shadow-utils");
        }
        if (like.contains(" suse ") || like.contains(" opensuse ")) {
            return asRoot("zypper install -y shadow");
        }
        if (like.contains(" arch ")) {
            return asRoot("pacman -S --noconfirm shadow");
        }
        return asRoot(like.contains(" alpine ") ? "apk add shadow-uidmap" : "apt-get install -y uidmap");
    }

    /** How an engine is told to run a container without its filter, or with all of /proc. */
    String outside(String docker, String kubernetes) {
        return switch (machine.container().orElse("")) {
            case "docker" -> "start the container with: docker run --security-opt " + docker;
            case "podman" -> "start the container with: podman run --security-opt " + (docker.startsWith("systempaths")
                ? "unmask=ALL" : docker);
            case "kubernetes" -> "in the pod's spec: " + kubernetes;
            default -> "loosen it in what runs this process (docker and podman: --security-opt " + docker + "; Kubernetes: "
                + kubernetes + ")";
        };
    }
}
