/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host and domain name of a new uts namespace. Runs in: init.
 */
#ifndef NSJOB_UTS_H
#define NSJOB_UTS_H

struct error;
struct plan;

int uts_set_names(const struct plan *plan, struct error *err);

#endif
