/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bind mounts in two steps: sources are taken from the caller's tree before any mount changes it, and attached in their turn.
 */
#ifndef NSJOB_BIND_H
#define NSJOB_BIND_H

struct error;
struct launch;
struct mount_step;
struct plan;
struct rootfs;

/*
 * One detached tree per bind and rootBind step into launch->sources[], -1 for the others and for missing optional ones. Runs in: the supervisor of
 * a root caller, whose init has unprivileged ids and could not walk to 0700 directories; else where the mounts are made,
 * since an unprivileged supervisor may not (EPERM).
 */
int bind_take_sources(struct launch *launch, struct error *err);
/* Where init takes them instead: no ids are mapped. Fails where they must be, and notes the others for the report. */
int bind_give_up_maps(struct launch *launch, struct error *err);
void bind_drop_sources(const struct plan *plan, int sources[]);
/* The rootBind step. */
int bind_root(struct rootfs *root, const struct mount_step *step, int source, struct error *err);
int bind_attach(const struct rootfs *root, const struct mount_step *step, int source, struct error *err);

#endif
