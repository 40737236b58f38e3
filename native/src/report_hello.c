/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the helper says of itself, whatever the job: see report.h.
 */
#include <unistd.h>

#include "ns.h"
#include "plan.h"
#include "report.h"
#include "version.h"

/* What a caller may rely on beyond the first plan of protocol 1. */
static void put_features(struct emitter *out)
{
	/* One a line, so that two additions do not meet. */
	static const char *const features[] = {
		"mount.proc",
		"mount.sysfs",
		"namespace.copy",
		"mount.propagation",
		"mount.bind",
		"mount.root",
		"mount.rootBind",
		"mount.overlay",
		"mount.idMap",
		"mount.noSymfollow",
		"collect",
		"cgroup",
		"process.terminal",
		"process.chroot",
		"capabilities",
		"keyring",
		"landlock",
		"nesting",
		"process.self",
		"process.enter",
		"process.commands",
		"cgroup.enter",
		"inPlace",
		"pins",
	};

	emit_open_array(out, "features");
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		emit_text(out, NULL, features[i]);
	emit_close_array(out);
}

struct emitter report_hello(const char *secret)
{
	struct emitter event;

	emit_begin(&event);
	emit_integer(&event, "protocol", PROTOCOL_VERSION);
	emit_text(&event, "version", NSJOB_VERSION);
	emit_text(&event, "secret", secret);
	emit_integer(&event, "pid", getpid());
	put_features(&event);
	return event;
}

struct emitter report_description(void)
{
	struct emitter all;

	emit_begin(&all);
	emit_integer(&all, "protocol", PROTOCOL_VERSION);
	emit_text(&all, "version", NSJOB_VERSION);
	emit_open_array(&all, "stages");
	for (int stage = 0; stage < STAGE_COUNT; stage++) {
		emit_open_object(&all, NULL);
		emit_text(&all, "name", stage_name((enum stage)stage));
		emit_text(&all, "what", stage_what((enum stage)stage));
		emit_close_object(&all);
	}
	emit_close_array(&all);
	emit_open_array(&all, "kinds");
	for (int kind = 0; kind < NS_COUNT; kind++)
		emit_text(&all, NULL, ns_table[kind].name);
	emit_close_array(&all);
	put_features(&all);
	return all;
}
