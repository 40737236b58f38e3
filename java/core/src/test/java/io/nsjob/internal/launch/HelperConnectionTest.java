package io.nsjob.internal.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.nsjob.internal.wire.Event;
import io.nsjob.testing.FakePeer;
import io.nsjob.testing.SampleEvents;
import java.io.EOFException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class HelperConnectionTest {
    private static final HelperStdio NOTHING = new HelperStdio(Redirect.PIPE, Redirect.DISCARD, Redirect.DISCARD);

    @TempDir
    Path directory;

    /** As on a busy machine, where this side comes late. */
    private HelperConnection afterItsEnd(FakePeer.Script script) throws Exception {
        FakePeer peer = new FakePeer(directory);
        HelperConnection connection = HelperConnection.open(peer.helper(), directory.resolve("socket"), NOTHING);
        peer.play(script).check();
        connection.process().waitFor();
        return connection;
    }

    @Test
    void whatAHelperSaidThatIsGoneIsHeard() throws Exception {
        HelperConnection connection = afterItsEnd(helper -> {
            helper.connect().send(65, SampleEvents.hello(1, helper.secret()));
            helper.send(70, "{\"stage\":\"connect\",\"syscall\":\"\",\"errno\":0,\"subject\":\"\",\"message\":\"no\",\"hint\":\"\"}");
            helper.hangUp();
            helper.exit(1);
        });
        connection.accept();
        assertEquals("no", assertInstanceOf(Event.Failed.class, connection.next().orElseThrow()).message());
        connection.close();
    }

    @Test
    void oneThatIsGoneWithoutAWordIsNotWaitedFor() throws Exception {
        HelperConnection connection = afterItsEnd(helper -> helper.exit(1));
        assertThrows(EOFException.class, connection::accept);
        connection.close();
    }
}
