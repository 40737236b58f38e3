/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loopback interface of a new net namespace, which the kernel leaves down. Runs in: init.
 */
#ifndef NSJOB_NET_H
#define NSJOB_NET_H

struct error;

int net_loopback_up(struct error *err);

#endif
