/* SPDX-License-Identifier: Apache-2.0 */
#include "uts.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "error.h"
#include "plan.h"

int uts_set_names(const struct plan *plan, struct error *err)
{
	struct utsname names;

	if (plan->hostname != NULL && sethostname(plan->hostname, strlen(plan->hostname)) < 0)
		return error_set(err, "sethostname", errno, plan->hostname, "cannot set the hostname");
	if (plan->domainname != NULL && setdomainname(plan->domainname, strlen(plan->domainname)) < 0)
		return error_set(err, "setdomainname", errno, plan->domainname, "cannot set the domain name");
	if (uname(&names) < 0)
		return error_set(err, "uname", errno, "", "cannot read the names back");
	if ((plan->hostname != NULL && strcmp(names.nodename, plan->hostname) != 0) ||
	    (plan->domainname != NULL && strcmp(names.domainname, plan->domainname) != 0))
		return error_set(err, "", EPROTO, "", "the kernel shows other names than the ones set");
	return 0;
}
