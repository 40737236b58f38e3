package io.nsjob.internal.launch;

import java.lang.ProcessBuilder.Redirect;

/**
 * The standard streams of the helper, which are the job's.
 *
 * @param in standard input
 * @param out standard output
 * @param err standard error
 */
public record HelperStdio(Redirect in, Redirect out, Redirect err) {
}
