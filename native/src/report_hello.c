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
static json_t *features_json(void)
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
	json_t *names = json_array();

	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		(void)json_array_append_new(names, json_string(features[i]));
	return names;
}

json_t *report_hello(const char *secret)
{
	return json_pack("{s:i,s:s,s:s,s:i,s:o}", "protocol", PROTOCOL_VERSION, "version", NSJOB_VERSION, "secret",
			 secret, "pid", (int)getpid(), "features", features_json());
}

json_t *report_description(void)
{
	json_t *stages = json_array();
	json_t *kinds = json_array();

	for (int stage = 0; stage < STAGE_COUNT; stage++)
		(void)json_array_append_new(stages, json_pack("{s:s,s:s}", "name", stage_name((enum stage)stage), "what",
							      stage_what((enum stage)stage)));
	for (int kind = 0; kind < NS_COUNT; kind++)
		(void)json_array_append_new(kinds, json_string(ns_table[kind].name));
	return json_pack("{s:i,s:s,s:o,s:o,s:o}", "protocol", PROTOCOL_VERSION, "version", NSJOB_VERSION, "stages",
			 stages, "kinds", kinds, "features", features_json());
}
