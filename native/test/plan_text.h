/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two plans that are valid, and what tests of the parser do with changed copies of them.
 */
#ifndef NSJOB_TEST_PLAN_TEXT_H
#define NSJOB_TEST_PLAN_TEXT_H

#include "tap.h"

#include <jansson.h>

#include "error.h"
#include "plan.h"

/* Both hold all that can go together; ' stands for ". */
static const char new_text[] =
	"{'protocol':1,'job':'all','namespaces':{'user':{'mode':'new'},'mnt':{'mode':'new'},'pid':{'mode':'new'},"
	"'net':{'mode':'new'},'ipc':{'mode':'new'},'uts':{'mode':'new'},'cgroup':{'mode':'new'},'time':{'mode':'new'}},"
	"'timeOffsets':{'monotonic':{'seconds':-7,'nanos':3},'boottime':{'seconds':86400,'nanos':4}},"
	"'idMaps':{'uid':[{'inside':0,'outside':1,'count':2},{'inside':1000,'outside':1000,'count':3}],"
	"'gid':[{'inside':5,'outside':6,'count':7}],'setgroups':'allow',"
	"'block':{'directory':'/run/nsjob/ids','bases':[524288,655360]}},"
	"'dropGroups':true,'init':{'uid':8,'gid':9},"
	"'mounts':[{'op':'propagation','target':'/','value':'slave','recursive':true},{'op':'proc','target':'/proc'}],"
	"'hostname':'box','domainname':'example','loopback':true,"
	"'process':{'argv':['id','','-u'],'searchPath':['/usr/bin','/bin'],'env':['A=b','C='],'cwd':'/tmp','uid':1000,"
	"'gid':1001,'groups':[4,24],'umask':18,'dropCapabilities':true,'noNewPrivs':true,'newSession':true,"
	"'ownedStdio':[2,1],'asPid1':true,'rlimits':[{'resource':7,'soft':256,'hard':512},{'resource':4,'soft':0,'hard':-1}],"
	"'nice':5,'ionice':{'class':2,'level':6},'cpuAffinity':[0,3],'oomScoreAdj':-7,"
	"'seccomp':{'filter':'BgAAAAAA/38=','log':true},'capabilities':[10,21],'keyring':'try','lockMounts':false,"
	"'landlock':{'handled':7,'scoped':3,'minimumAbi':2,'required':true,'rules':[{'path':'/','access':5}]}},"
	"'maxUserNamespaces':1,"
	"'limits':{'setupMillis':10000,'wallMillis':60000,'cpuMillis':30000,'graceMillis':50},"
	"'collect':{'millis':900,'depth':9,'sources':[{'path':'/out','files':10,'bytes':20}]},'hold':true}";
static const char root_text[] =
	"{'protocol':1,'job':'root','namespaces':{'user':{'mode':'inherit'},'mnt':{'mode':'new'},'pid':{'mode':'new'},"
	"'net':{'mode':'new'},'ipc':{'mode':'new'},'uts':{'mode':'inherit'},'cgroup':{'mode':'inherit'},"
	"'time':{'mode':'inherit'}},'dropGroups':false,"
	"'mounts':[{'op':'propagation','target':'/','value':'private','recursive':true},"
	"{'op':'root','size':1048576,'inodes':64,'mode':493},"
	"{'op':'bind','source':'/usr','target':'/usr','recursive':true,'readOnly':true,'noSuid':true,'noDev':false,"
	"'noExec':true,'optional':true},"
	"{'op':'proc','target':'/proc'},{'op':'dev','target':'/dev','size':4096,'inodes':7},{'op':'sysfs','target':'/sys'},"
	"{'op':'mqueue','target':'/dev/mqueue'},{'op':'directory','target':'/d','mode':448},"
	"{'op':'symlink','target':'/bin','text':'usr/bin'},{'op':'file','target':'/f','mode':292,'base64':'AP8K'},"
	"{'op':'tmpfs','target':'/tmp','size':1,'inodes':2,'mode':1023,'noExec':false},"
	"{'op':'mask','paths':['/proc/kcore','/proc/keys']},{'op':'readOnly','paths':['/proc/sys']},"
	"{'op':'pivot','readOnly':true}],"
	"'loopback':false,'process':{'argv':['/bin/true'],'searchPath':[],'env':[],'cwd':'/','dropCapabilities':false,"
	"'noNewPrivs':false,'newSession':true,'asPid1':false,'terminal':{'rows':24,'columns':80}},"
	"'limits':{'setupMillis':1,'graceMillis':0},'hold':false}";
static const char join_text[] =
	"{'protocol':1,'job':'join','namespaces':{'user':{'mode':'new'},'mnt':{'mode':'inherit'},'pid':{'mode':'inherit'},"
	"'net':{'mode':'join','path':'/proc/7/ns/net'},'ipc':{'mode':'inherit'},"
	"'uts':{'mode':'join','pid':7,'startTime':1234},'cgroup':{'mode':'inherit'},'time':{'mode':'inherit'}},"
	"'idMaps':{'uid':[{'inside':0,'outside':100000,'count':65536}],'gid':[],'setgroups':'deny',"
	"'newuidmap':'/usr/bin/newuidmap','newgidmap':'/usr/bin/newgidmap'},"
	"'dropGroups':false,'mounts':[],'loopback':false,"
	"'process':{'argv':['/bin/true'],'searchPath':[],'env':[],'chroot':'/srv','self':true,'dropCapabilities':false,"
	"'noNewPrivs':false,'newSession':false,'asPid1':false},'limits':{'setupMillis':1,'graceMillis':0},'hold':false}";

static const char enter_text[] =
	"{'protocol':1,'job':'enter','namespaces':{'user':{'mode':'inherit'},'mnt':{'mode':'join','pid':7,'startTime':9},"
	"'pid':{'mode':'join','pid':7,'startTime':9},'net':{'mode':'inherit'},'ipc':{'mode':'inherit'},'uts':{'mode':'inherit'},"
	"'cgroup':{'mode':'inherit'},'time':{'mode':'inherit'}},"
	"'cgroups':[{'version':1,'directory':'/c','write':[],'atKill':[],'read':[],'enter':true}],"
	"'dropGroups':false,'mounts':[],'loopback':false,"
	"'process':{'argv':['/bin/true'],'searchPath':[],'env':[],'enter':{'pid':7,'startTime':9,'root':true,'cwd':true},"
	"'dropCapabilities':false,'noNewPrivs':false,'newSession':false,'asPid1':false},"
	"'limits':{'setupMillis':1,'graceMillis':0},'hold':false}";

static inline json_t *load(const char *text)
{
	char *copy = strdup(text);
	json_t *document;
	json_error_t where;

	if (copy == NULL)
		tap_bail("out of memory");
	for (char *c = copy; *c != '\0'; c++) {
		if (*c == '\'')
			*c = '"';
	}
	document = json_loads(copy, JSON_DECODE_ANY, &where);
	if (document == NULL)
		tap_bail("the test's own text is not JSON: %s near %.60s", where.text, copy + where.position);
	free(copy);
	return document;
}

static inline int parse(json_t *document, struct plan *plan, struct error *err)
{
	char *text = json_dumps(document, JSON_COMPACT);
	int result;

	if (text == NULL)
		tap_bail("cannot write the test's own document");
	result = plan_parse(text, strlen(text), plan, err);
	free(text);
	return result;
}

static inline bool taken(json_t *document)
{
	struct plan plan;
	struct error err;

	if (parse(document, &plan, &err) < 0)
		return false;
	plan_release(&plan);
	return true;
}

/* True when it is refused, about exactly this field, and nothing was written to the result. */
static inline bool refused(json_t *document, const char *subject, char *found, size_t size)
{
	struct plan plan, before;
	struct error err = {.subject = "untouched"};

	memset(&plan, 0x5a, sizeof(plan));
	before = plan;
	if (parse(document, &plan, &err) == 0) {
		plan_release(&plan);
		(void)snprintf(found, size, "taken");
		return false;
	}
	(void)snprintf(found, size, "refused at \"%.200s\": %s", err.subject, err.message);
	return strcmp(err.subject, subject) == 0 && err.errnum == 0 && err.syscall[0] == '\0' &&
	       memcmp(&plan, &before, sizeof(plan)) == 0;
}

static inline void put_back(json_t *container, const char *key, size_t index, json_t *value)
{
	if (key != NULL ? json_object_set(container, key, value) < 0 : json_array_set(container, index, value) < 0)
		tap_bail("out of memory");
}

#endif
