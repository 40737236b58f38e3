/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nsjob-helper --forward SOCKET: sockets of the network namespace that this process is in, for a caller outside of it. Each
 * connection here is one on the caller's Unix socket; bytes and half-closes go both ways. PROTOCOL.md, "Sockets elsewhere".
 * Runs in: a job's own process.
 */
#ifndef NSJOB_FORWARD_H
#define NSJOB_FORWARD_H

/* Until standard input has ended and the last connection with it: an exit status. */
int forward_main(const char *path);

#endif
