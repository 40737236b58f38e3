/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "error.h"
#include "plan.h"

int keyring_join(const struct plan *plan, int32_t *ret_state, struct error *err)
{
	long joined = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0);

	*ret_state = KEYRING_IS_NEW;
	/* No keys in this kernel; or a filter around us, which is around the job as well. */
	if (joined < 0 && (errno == ENOSYS || errno == EPERM)) {
		*ret_state = KEYRING_UNAVAILABLE;
		return 0;
	}
	/* By default a user may have 200 keys, of which each job takes one: no reason to fail where the job cannot ask for keys. */
	if (joined < 0 && errno == EDQUOT && plan->process.keyring == KEYRING_TRY) {
		*ret_state = KEYRING_OVER_QUOTA;
		return 0;
	}
	if (joined < 0)
		return error_set(err, "keyctl", errno, "session keyring", "cannot join a new session keyring");
	if (syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0, 0, 0) != joined || joined == 0)
		return error_set(err, "keyctl", EPROTO, "session keyring", "is not the new one");
	return 0;
}
