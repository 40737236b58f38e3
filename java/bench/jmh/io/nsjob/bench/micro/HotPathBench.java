package io.nsjob.bench.micro;

import io.nsjob.JobSpec;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.plan.CompiledPlan;
import io.nsjob.internal.plan.PlanCompiler;
import io.nsjob.internal.plan.SeccompPlan;
import io.nsjob.internal.seccomp.Architecture;
import io.nsjob.internal.seccomp.BpfProgram;
import io.nsjob.internal.seccomp.FilterCompiler;
import io.nsjob.internal.seccomp.FilterProfile;
import io.nsjob.internal.wire.Event;
import io.nsjob.internal.wire.EventReader;
import io.nsjob.internal.wire.Frame;
import io.nsjob.internal.wire.FrameDecoder;
import io.nsjob.internal.wire.FrameType;
import io.nsjob.internal.wire.ProtocolException;
import io.nsjob.internal.wire.SeccompReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What Java itself does in a launch, without any process: from a spec to bytes, and from bytes to events. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HotPathBench {
    private static final PlanCompiler.Start START = new PlanCompiler.Start(false, List.of(), false, "/run/nsjob/ids", "job-1");

    private HostFacts facts;
    private JobSpec isolated;
    private JobSpec bare;
    private CompiledPlan plan;
    private FilterProfile filter;
    private Architecture architecture;
    private byte[] prepared;
    private byte[] framed;

    /** What a launcher has at hand. */
    @Setup
    public void setUp() {
        facts = HostFacts.real();
        isolated = JobSpec.isolated().command("true").build();
        bare = JobSpec.bare().command("true").build();
        plan = PlanCompiler.compile(isolated, facts, START);
        architecture = Architecture.host().orElseThrow();
        filter = SeccompReader.read(SeccompPlan.defaultProfile(), architecture);
        try (InputStream in = HotPathBench.class.getResourceAsStream("prepared.json")) {
            prepared = in.readAllBytes();
            ByteBuffer bytes = ByteBuffer.allocate(prepared.length + 5);
            framed = bytes.putInt(prepared.length).put((byte) FrameType.PREPARED.code()).put(prepared).array();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A spec of profile isolated becomes a plan. */
    @Benchmark
    public CompiledPlan compileIsolated() {
        return PlanCompiler.compile(isolated, facts, START);
    }

    /** The least that can be asked for becomes a plan. */
    @Benchmark
    public CompiledPlan compileBare() {
        return PlanCompiler.compile(bare, facts, START);
    }

    /** A plan becomes a frame. */
    @Benchmark
    public ByteBuffer encodePlan() throws ProtocolException {
        return Frame.of(FrameType.PLAN, plan.plan()).encode();
    }

    /** Bytes of the largest event become the event. */
    @Benchmark
    public Event readPrepared() throws ProtocolException {
        FrameDecoder decoder = new FrameDecoder(FrameType.Direction.TO_JAVA);
        decoder.feed(framed, framed.length);
        return EventReader.read(decoder.next());
    }

    /** The default list becomes a program for the kernel. */
    @Benchmark
    public BpfProgram compileFilter() {
        return FilterCompiler.compile(filter, architecture);
    }
}
