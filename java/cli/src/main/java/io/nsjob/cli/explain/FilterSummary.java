package io.nsjob.cli.explain;

import io.nsjob.JobSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a compiled filter does, found out by running it over every system call of this machine with arguments of 0; classic BPF
 * as seccomp(2) takes it.
 *
 * @param instructions how long it is
 * @param calls the names of the calls by what becomes of them: {@code allow}, {@code EPERM}, {@code kill}, …
 */
record FilterSummary(int instructions, Map<String, List<String>> calls) {
    private static final int ARGUMENTS_END = 64;
    private static final int RETURN_MASK = 0xffff0000;
    private static final int ALLOW = 0x7fff0000;
    private static final int LOG = 0x7ffc0000;
    private static final int ERRNO = 0x00050000;
    private static final int X86_64 = 0xC000003E;
    private static final int AARCH64 = 0xC00000B7;
    /** What people ask about first. */
    private static final List<String> NOTABLE = List.of("mount", "unshare", "setns", "ptrace", "bpf", "keyctl", "io_uring_setup",
        "clone3",
        "perf_event_open", "userfaultfd", "init_module", "kexec_load", "reboot", "pivot_root", "chroot", "add_key", "swapon");

    static FilterSummary of(String base64) {
        ByteBuffer code = ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.nativeOrder());
        Map<String, List<String>> calls = new TreeMap<>();
        boolean arm = isArm(base64);
        table(arm ? "aarch64" : "x86_64").forEach((name, number) ->
            calls.computeIfAbsent(name(run(code, number, arm ? AARCH64 : X86_64)), action -> new ArrayList<>()).add(name));
        return new FilterSummary(code.capacity() / 8, calls);
    }

    /** Of which machine it is stands in it, as the first thing that every filter compares. */
    static boolean isArm(String base64) {
        ByteBuffer code = ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.nativeOrder());
        for (int at = 0; at + 8 <= code.capacity(); at += 8) {
            if (code.getInt(at + 4) == AARCH64) {
                return true;
            }
        }
        return false;
    }

    /** One line for people. */
    String line() {
        int all = calls.values().stream().mapToInt(List::size).sum();
        List<String> refused = NOTABLE.stream().filter(name -> !calls.getOrDefault("allow", List.of()).contains(name)
            && calls.values().stream().anyMatch(names -> names.contains(name))).toList();
        return instructions + " instructions; of " + all + " system calls " + calls.getOrDefault("allow", List.of()).size()
            + " are allowed, looking at no argument" + (refused.isEmpty() ? "" : "; refused are " + String.join(" ", refused)
            + " and "
            + (all - calls.getOrDefault("allow", List.of()).size() - refused.size()) + " more");
    }

    private static String name(int action) {
        int value = action & 0xffff;
        return switch (action & RETURN_MASK) {
            case ALLOW -> "allow";
            case LOG -> "log";
            case ERRNO -> value == 1 ? "EPERM" : value == 38 ? "ENOSYS" : "errno " + value;
            default -> "kill";
        };
    }

    /** The kernel's own reading of it: a jump goes forward only, so it ends. */
    private static int run(ByteBuffer code, int number, int architecture) {
        int accumulator = 0;
        int at = 0;
        while (at * 8 < code.capacity()) {
            int operation = code.getShort(at * 8) & 0xffff;
            int yes = code.get(at * 8 + 2) & 0xff;
            int no = code.get(at * 8 + 3) & 0xff;
            int operand = code.getInt(at * 8 + 4);
            at++;
            switch (operation) {
                case 0x20 -> accumulator = operand == 0 ? number : operand == 4 ? architecture : load(operand);
                case 0x54 -> accumulator &= operand;
                case 0x05 -> at += operand;
                case 0x15 -> at += accumulator == operand ? yes : no;
                case 0x25 -> at += Integer.compareUnsigned(accumulator, operand) > 0 ? yes : no;
                case 0x35 -> at += Integer.compareUnsigned(accumulator, operand) >= 0 ? yes : no;
                case 0x45 -> at += (accumulator & operand) != 0 ? yes : no;
                case 0x06 -> {
                    return operand;
                }
                default -> throw new IllegalStateException("no instruction of ours: " + operation);
            }
        }
        throw new IllegalStateException("the filter does not end");
    }

    private static int load(int offset) {
        if (offset >= ARGUMENTS_END) {
            throw new IllegalStateException("beyond struct seccomp_data: " + offset);
        }
        return 0;
    }

    private static Map<String, Integer> table(String architecture) {
        Map<String, Integer> table = new TreeMap<>();
        try (InputStream in = JobSpec.class.getResourceAsStream("/io/nsjob/syscalls-" + architecture + ".txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n")) {
                String[] words = line.split(" ");
                if (words.length == 2 && words[1].matches("[0-9]+")) {
                    table.put(words[0], Integer.parseInt(words[1]));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return table;
    }
}
