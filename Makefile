# nsjob: the one entry point. `make` builds everything into build/, `make help` lists the rest.
#
# One direction per entry point: make builds the native part and tells Maven to skip it; Maven alone (mvn verify) calls the
# target maven-native below. Neither ever calls the other back.

PREFIX      ?= /usr/local
DESTDIR     ?=
MVN         ?= mvn
# Quiet, but for warnings: Maven's own -q hides those that made it fail.
MVNFLAGS    ?= -B -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dstyle.color=never
STRICT      ?=
FUZZ_SECONDS ?= 60

bindir      = $(DESTDIR)$(PREFIX)/bin
libexecdir  = $(DESTDIR)$(PREFIX)/libexec/nsjob
jardir      = $(DESTDIR)$(PREFIX)/share/java/nsjob

B           := $(CURDIR)/build
RES         := $(CURDIR)/java/core/target/native-resources
STAMP       := $(B)/.jars
JARS        = nsjob nsjob-cli gson commons-exec jna picocli
JAVA_INPUTS := pom.xml $(wildcard java/*/pom.xml) $(shell find java -path '*/target' -prune -o -type f -path '*/src/*' -print) $(wildcard test-fixtures/demos/*.json)

export STRICT FUZZ_SECONDS

all: $(STAMP) ## build the command, the helper and the jars into build/ (the default)

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1	/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "  %-14s %s\n", $$1, $$2 }'

deps-%:
	@.ci/deps $(subst +, ,$*)

native: deps-build
	@$(MAKE) -s -C native all resources RES=$(RES)

test-jobs: deps-build
	@$(MAKE) -s -C test-fixtures/jobs
	@$(MAKE) -s -C test-fixtures/attacks

fault: deps-build
	@$(MAKE) -s -C native fault

# The Java in JAVA_HOME, as Maven and the launcher have it.
JAVA = $(if $(JAVA_HOME),$(JAVA_HOME)/bin/java,java)

# The jars that Maven has made, and the launcher script, go to where the command looks for them.
define assemble
	@mkdir -p $(B)/lib $(B)/bin
	@cp java/cli/target/lib/*.jar $(B)/lib/
	@cp java/cli/target/nsjob-cli-[0-9]*.jar $(B)/lib/nsjob-cli.jar
	@install -m 0755 java/cli/src/main/sh/nsjob $(B)/bin/nsjob
	$(call archive,$(B)/bin/nsjob)
	@touch $(STAMP)
endef

# A fifth of the command's start: the classes of one run, for this Java and these jars. Where no job can run there is none.
archive = @NSJOB_MAKE_ARCHIVE=1 $(1) run -- true </dev/null >/dev/null 2>&1 || true

# What Maven asks for when it was started by itself: before the first class is compiled, and after the last jar.
maven-native: deps-build test-jobs fault
	@$(MAKE) -s -C native all resources RES=$(RES)

maven-assemble:
	$(assemble)

# The jars are rebuilt when a source or the helper is newer. The helper is made by `native`, which knows its own sources.
$(B)/libexec/nsjob-helper: native
	@:

$(STAMP): $(JAVA_INPUTS) $(B)/libexec/nsjob-helper
	@rm -rf java/cli/target/lib # else Maven warns of each jar that it copies over
	$(MVN) $(MVNFLAGS) -Dnsjob.native.skip=true -DskipTests package
	$(assemble)

run: deps-build+run all ## run one real job: its ids, hostname, processes, interfaces, and its namespaces before and after
	$(B:$(CURDIR)/%=%)/bin/nsjob run --verbose -f test-fixtures/specs/valid/demo.json

test: deps-build+run+test all test-jobs fault ## all tests, as root and as an unprivileged user (STRICT=1: a skip is a failure)
	@.ci/matrix

attack: deps-build+run+test all test-jobs fault ## attacks on profile isolated, and on each of its defences alone; one table
	@.ci/matrix attack

BENCH_CLASSES := $(B)/bench/classes

bench-build: all
	@$(MAKE) -s -C native bench
	@rm -rf $(BENCH_CLASSES)
	@$(JAVA)c -Xlint:all,-try,-classfile -d $(BENCH_CLASSES) -cp '$(B)/lib/*' java/bench/io/nsjob/bench/*.java

bench: deps-build bench-build ## everything measured beside everything, as one table, also in build/bench/ (BENCH_QUICK=1, ROUNDS=n)
	@$(JAVA) -Dnsjob.helper=$(B)/libexec/nsjob-helper -cp '$(BENCH_CLASSES):$(B)/lib/*' io.nsjob.bench.Bench $(B)

bench-check: deps-build bench-build ## a quick run of `make bench`, which must have every row; no figure matters
	@BENCH_QUICK=1 $(JAVA) -Dnsjob.helper=$(B)/libexec/nsjob-helper -cp '$(BENCH_CLASSES):$(B)/lib/*' io.nsjob.bench.Bench $(B) >/dev/null
	@$(JAVA) -cp '$(BENCH_CLASSES):$(B)/lib/*' io.nsjob.bench.Check $(B)/bench

JMH := $(B)/bench/jmh

bench-jmh: all ## what Java itself does in a launch, by JMH (JMH_OPTIONS)
	@mkdir -p $(JMH)/classes $(JMH)/lib
	@$(MVN) $(MVNFLAGS) -f java/bench/jmh/pom.xml dependency:copy-dependencies -DoutputDirectory=$(JMH)/lib
	@$(JAVA)c -processor org.openjdk.jmh.generators.BenchmarkProcessor -d $(JMH)/classes -cp '$(JMH)/lib/*:$(B)/lib/*' java/bench/jmh/io/nsjob/bench/micro/*.java
	@cp java/bench/jmh/io/nsjob/bench/micro/*.json $(JMH)/classes/io/nsjob/bench/micro/
	@$(JAVA) -cp '$(JMH)/classes:$(JMH)/lib/*:$(B)/lib/*' org.openjdk.jmh.Main -rf json -rff $(JMH)/results.json $(JMH_OPTIONS)

bench-peers: deps-peers ## install what `make bench` compares with: bubblewrap, crun, runc, firejail

check-native: deps-build ## C unit tests, plain and under the sanitizers
	@$(MAKE) -s -C native check

analyze: deps-build ## static analysis of the C code
	@$(MAKE) -s -C native analyze

fuzz: deps-build ## fuzz the plan parser for FUZZ_SECONDS (60), and the control connection for a tenth of that
	@$(MAKE) -s -C native fuzz

install: all ## install into PREFIX (/usr/local), under DESTDIR if that is set
	install -d $(bindir) $(libexecdir) $(jardir)
	install -m 0755 $(B)/bin/nsjob $(bindir)/nsjob
	install -m 0755 $(B)/libexec/nsjob-helper $(libexecdir)/nsjob-helper
	install -m 0644 $(JARS:%=$(B)/lib/%.jar) $(jardir)/
	$(if $(DESTDIR),,$(call archive,$(bindir)/nsjob))

uninstall: ## remove what install put there
	rm -f $(bindir)/nsjob $(libexecdir)/nsjob-helper $(JARS:%=$(jardir)/%.jar) $(jardir)/nsjob-*.jsa $(jardir)/nsjob-*.aot
	-rmdir --ignore-fail-on-non-empty $(libexecdir) $(jardir)

clean: ## remove everything that was built
	rm -rf build java/*/target target

.PHONY: all help native test-jobs fault maven-native maven-assemble run test attack bench bench-build bench-check bench-jmh bench-peers check-native analyze fuzz install uninstall clean
.DELETE_ON_ERROR:
# Two checks for packages at once would be two calls of apt; the native part still builds in parallel under -j.
.NOTPARALLEL:
