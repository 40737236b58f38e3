package io.nsjob;

import io.nsjob.internal.run.JobRecords;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The running jobs, and the open sandboxes, of this user that were given a name of their own, by this JVM or another one; see
 * {@link JobSpec.Builder#name}. A record is there from the moment in which the job is set up until it is over, in a file that
 * only this user can read. All methods may be called from any thread.
 */
public final class Jobs {
    private Jobs() {
    }

    /**
     * All of them.
     *
     * @return by name, then the oldest first
     */
    public static List<JobRecord> list() {
        return JobRecords.list();
    }

    /**
     * One of them.
     *
     * @param job its name, or the pid of its supervisor, its init or its main process. A name that is a number goes first
     * @return the record
     * @throws NoSuchJobException when there is none; when several have that name, with the pids of all of them
     */
    public static JobRecord find(String job) throws NoSuchJobException {
        return choose(Objects.requireNonNull(job, "job"), list());
    }

    static JobRecord choose(String job, List<JobRecord> all) throws NoSuchJobException {
        List<JobRecord> found = all.stream().filter(record -> record.name().equals(job)).toList();
        if (found.isEmpty()) {
            found = all.stream().filter(record -> hasPid(record, job)).toList();
        }
        if (found.size() == 1) {
            return found.get(0);
        }
        if (found.isEmpty()) {
            String there = all.isEmpty() ? "no job with a name is running"
                : "running are " + all.stream().map(JobRecord::name).distinct().collect(Collectors.joining(", "));
            throw new NoSuchJobException("no job " + job + ": " + there);
        }
        throw new NoSuchJobException(found.size() + " jobs are named " + job + ": say which by its pid: "
            + found.stream().map(record -> Long.toString(record.main().pid())).collect(Collectors.joining(", ")));
    }

    private static boolean hasPid(JobRecord record, String job) {
        return job.equals(Long.toString(record.main().pid())) || job.equals(Long.toString(record.supervisor().pid()))
            || record.init().map(init -> job.equals(Long.toString(init.pid()))).orElse(false);
    }
}
