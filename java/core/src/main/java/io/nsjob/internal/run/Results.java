package io.nsjob.internal.run;

import io.nsjob.Collect;
import io.nsjob.Collected;
import io.nsjob.SandboxException;
import io.nsjob.internal.os.Log;
import io.nsjob.internal.wire.Event;
import io.nsjob.internal.wire.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Receives what a dead job left, and puts it where it is wanted. */
final class Results implements Closeable {
    /** Of what nothing is collected: never written to. */
    static final Results NONE = new Results();

    private final List<Source> sources = new ArrayList<>();
    private final Map<String, byte[]> inMemory = new LinkedHashMap<>();
    private final List<Collected.Skipped> skipped = new ArrayList<>();
    private long files;
    private long bytes;
    private Current current;

    /** What takes the bytes of one file; one of keep and drop is the last call. */
    interface Sink {
        void write(byte[] bytes) throws IOException;

        void keep() throws IOException;

        void drop() throws IOException;
    }

    /** One of the places that were named, and what it may still hold. */
    private static final class Source {
        private final Collect asked;
        private final Optional<Destination> destination;
        private long bytesLeft;
        private long filesLeft;

        Source(Collect asked, Optional<Destination> destination) {
            this.asked = asked;
            this.destination = destination;
            bytesLeft = asked.maxBytes();
            filesLeft = asked.maxFiles();
        }
    }

    /** The file that comes in; without a sink its bytes go nowhere. */
    private static final class Current {
        private final String path;
        private final long size;
        private long left;
        private Sink sink;

        Current(String path, long size) {
            this.path = path;
            this.size = size;
            left = size;
        }
    }

    private Results() {
    }

    /**
     * Opens all destinations.
     *
     * @param asked what is to be collected
     * @return to be closed
     * @throws SandboxException when one cannot be written to
     */
    static Results open(List<Collect> asked) throws SandboxException {
        Results results = new Results();
        for (Collect one : asked) {
            try {
                results.sources.add(new Source(one, one.to().isPresent() ? Optional.of(Destination.open(one.to().get()))
                    : Optional.empty()));
            } catch (IOException e) {
                results.close();
                throw new SandboxException("collect", "cannot write results to " + one.to().orElseThrow() + ": " + reason(e), e);
            }
        }
        return results;
    }

    boolean isEmpty() {
        return sources.isEmpty();
    }

    private static String reason(IOException e) {
        return e.getClass() == IOException.class ? String.valueOf(e.getMessage())
            : e.getClass().getSimpleName().replace("Exception", "") + " " + e.getMessage();
    }

    void take(Event.Part part) throws ProtocolException {
        if (part instanceof Event.Content content) {
            add(content.bytes());
        } else if (part instanceof Event.FileBegins file) {
            end("incomplete");
            begin(file);
        } else if (part instanceof Event.Skipped skip) {
            skip(skip);
        }
    }

    private Source source(long index) throws ProtocolException {
        if (index < 0 || index >= sources.size()) {
            throw new ProtocolException("the helper sent a result that nobody asked for");
        }
        return sources.get((int) index);
    }

    private static String shown(Source source, String path) {
        return path.isEmpty() ? source.asked.from() : source.asked.from() + "/" + path;
    }

    private void skip(Event.Skipped skip) throws ProtocolException {
        Optional<Source> source = skip.source().isPresent() ? Optional.of(source(skip.source().getAsLong())) : Optional.empty();
        String path = source.isPresent() ? shown(source.get(), skip.path()) : "/";
        boolean isCurrent = current != null && current.path.equals(path);
        end(isCurrent ? skip.reason() : "incomplete");
        boolean expected = source.isPresent() && source.get().asked.optional() && skip.path().isEmpty()
            && skip.reason().equals("missing");
        if (!isCurrent && !expected) {
            skipped.add(new Collected.Skipped(path, skip.reason()));
        }
    }

    private void begin(Event.FileBegins file) throws ProtocolException {
        Source source = source(file.source());
        source.bytesLeft -= file.size();
        source.filesLeft--;
        // The helper counts too; what we hold in memory must not depend on it.
        if (source.bytesLeft < 0 || source.filesLeft < 0) {
            throw new ProtocolException("the helper sent more results than were asked for");
        }
        current = new Current(shown(source, file.path()), file.size());
        List<String> parts = file.path().isEmpty() ? List.of() : List.of(file.path().split("/", -1));
        String ownName = source.asked.from().substring(source.asked.from().lastIndexOf('/') + 1);
        if (!isPlain(ownName) || !parts.stream().allMatch(Results::isPlain)) {
            fail("name");
        } else if (source.destination.isEmpty()) {
            current.sink = new Memory(current.path);
        } else {
            try {
                current.sink = source.destination.get().begin(parts, ownName, file.mode());
            } catch (IOException e) {
                fail("destination: " + reason(e));
            }
        }
        endIfWhole();
    }

    /** A name that is one, and that does nothing to a terminal or to whoever reads a list of names. */
    private static boolean isPlain(String name) {
        return !name.isEmpty() && !name.equals(".") && !name.equals("..") && name.codePoints().noneMatch(c -> c == '/'
            || Character.isISOControl(c) || c == 0x061C || c == 0x200E || c == 0x200F || c >= 0x202A && c <= 0x202E
            || c >= 0x2066 && c <= 0x2069 || c == 0x2028 || c == 0x2029);
    }

    private void add(byte[] content) throws ProtocolException {
        if (current == null || content.length > current.left) {
            throw new ProtocolException("the helper sent content that belongs to no file");
        }
        current.left -= content.length;
        try {
            if (current.sink != null) {
                current.sink.write(content);
            }
        } catch (IOException e) {
            drop(current.sink);
            fail("destination: " + reason(e));
        }
        endIfWhole();
    }

    private void endIfWhole() {
        if (current.left > 0) {
            return;
        }
        try {
            if (current.sink != null) {
                current.sink.keep();
                files++;
                bytes += current.size;
            }
        } catch (IOException e) {
            fail("destination: " + reason(e));
        }
        current = null;
    }

    /** What still comes of it goes nowhere. */
    private void fail(String reason) {
        current.sink = null;
        skipped.add(new Collected.Skipped(current.path, reason));
    }

    /** The file that was coming in is not to be finished. */
    private void end(String reason) {
        if (current != null && current.sink != null) {
            drop(current.sink);
            fail(reason);
        }
        current = null;
    }

    private static void drop(Sink sink) {
        try {
            sink.drop();
        } catch (IOException e) {
            Log.debug(Results.class, "an incomplete result could not be removed", e);
        }
    }

    /** What has not come will not come any more. */
    void lost() {
        end("incomplete");
        if (!sources.isEmpty()) {
            skipped.add(new Collected.Skipped("/", "failed"));
        }
    }

    /** What was collected; empty when nothing was asked for. */
    Optional<Collected> collected() {
        end("incomplete");
        return sources.isEmpty() ? Optional.empty() : Optional.of(new Collected(files, bytes, skipped));
    }

    Map<String, byte[]> inMemory() {
        return Collections.unmodifiableMap(inMemory);
    }

    @Override
    public void close() {
        for (Source source : sources) {
            try {
                if (source.destination.isPresent()) {
                    source.destination.get().close();
                }
            } catch (IOException e) {
                Log.debug(Results.class, "a destination could not be closed", e);
            }
        }
    }

    /** A file for {@link io.nsjob.JobResult#files()}. */
    private final class Memory implements Sink {
        private final String path;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();

        Memory(String path) {
            this.path = path;
        }

        @Override
        public void write(byte[] bytes) {
            content.writeBytes(bytes);
        }

        @Override
        public void keep() {
            inMemory.put(path, content.toByteArray());
        }

        @Override
        public void drop() {
            content.reset();
        }
    }
}
