/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Overlays: directories of the caller's, never written to, below one that takes what changes.
 */
#ifndef NSJOB_OVERLAY_H
#define NSJOB_OVERLAY_H

#include <stddef.h>

struct error;
struct plan;
struct rootfs;

/* The overlay or rootOverlay step at `index`, of the lower and upper steps before it, whose trees are in sources[]. */
int overlay_make(struct rootfs *root, const struct plan *plan, size_t index, const int sources[], struct error *err);

#endif
