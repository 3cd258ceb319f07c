# test.mk: the test command, the lint, the fuzzers and the bench. See `make help`.

.PHONY: deps test-deps
deps: ## install the packages that the build needs
	@tests/deps.sh build
test-deps: ## install what the tests need too, the lab included; versitygw where Go is there
	@tests/deps.sh test
	@tests/stack/aws/versitygw.sh build || true
	@tests/stack/lab.sh deps

.PHONY: test test-bins vectors pty live live-own live-lab aws threaded
test: ## the whole test command; ends with "N passed, N failed"
	@tests/run-all.sh
test-bins: unit-bins pty-bins live-bins aws-bins $(OUT)/core-alone
vectors: $(OUT)/sigv4-vectors ## run the signing vectors
	@$(OUT)/sigv4-vectors $(sort $(wildcard tests/vectors/*.json))
pty: $(OUT)/cdctop $(PTY_BIN) ## run the terminal tests of the whole program
	@CDCTOP=$(OUT)/cdctop sh tests/run-bins.sh --look-through $(PTY_BIN)
RUN_LIVE = CDCTOP=$(OUT)/cdctop TEST_TIMEOUT=600 tests/live/run.sh
# Those that start the PostgreSQL that they break have nothing to do with the lab's servers: they may run beside the others.
LIVE_OWN := $(patsubst %.c,$(OUT)/%,$(shell grep -lw server_up tests/live/test_*.c))
live: $(OUT)/cdctop $(LIVE_BIN) ## run the live tests against the lab in LAB_DIR (LAB_FAULTS=1: break its servers too)
	@$(RUN_LIVE) $(LIVE_BIN)
live-own: $(OUT)/cdctop $(LIVE_BIN)
	@$(RUN_LIVE) $(LIVE_OWN)
live-lab: $(OUT)/cdctop $(LIVE_BIN)
	@$(RUN_LIVE) $(filter-out $(LIVE_OWN),$(LIVE_BIN))

aws: $(OUT)/cdctop $(AWS_BIN) ## run the tests against servers like AWS's: botocore's models, moto
	@CDCTOP=$(OUT)/cdctop tests/aws/run.sh tests/stack/aws/selftest.sh $(AWS_BIN)

.PHONY: snapshot-versions
snapshot-versions: $(OUT)/cdctop ## take a snapshot on Debezium 2.3, 2.7 and 3.7, a lab of its own each (5 min)
	@CDCTOP=$(OUT)/cdctop tests/live/snapshots.sh

.PHONY: golden
golden: $(filter $(OUT)/tests/screen/%,$(UNIT_BIN)) ## write the goldens of the screens anew, and show what differs
	@tests/screen/golden.sh $^

# The tests that start threads, for SAN=thread.
THREADED := engine action_send aws_send http s3 s3_source s3list httpapi mailbox jobqueue runner giveup log worker connect_api connect_source peeker aws_creds aws_renew s3_keys
threaded: $(filter $(THREADED:%=$(OUT)/tests/unit/test_%),$(UNIT_BIN))
	@sh tests/run-bins.sh $^

# All of core in a program without ncurses: the lint looks at it.
$(OUT)/core-alone: $(OBJ)/tests/lint/core_alone.o $(CORE_A)
	@mkdir -p $(@D)
	$(call SAY,LD)
	$(Q)$(CXX) $(ALL_LDFLAGS) -o $@ $< -Wl,--whole-archive $(CORE_A) -Wl,--no-whole-archive $(CORE_LIBS)

TIDY_FLAGS = $(subst ',,$(CPPFLAGS)) -Wno-unknown-warning-option
.PHONY: lint format
lint: all $(OUT)/core-alone $(GEN)/themes.c $(GEN)/theme_names.h $(OUT)/tests/unit/test_theme ## check the rules of the house
	@THEMES=$(OUT)/tests/unit/test_theme PROGRAM=$(OUT)/cdctop CORE_ALONE=$(OUT)/core-alone TIDY_CFLAGS='-std=c17 $(TIDY_FLAGS)' \
	  TIDY_CXXFLAGS='-std=c++17 $(TIDY_FLAGS)' tests/lint/lint.sh
format: ## lay out all C and C++ by .clang-format
	@find core tui tests -name '*.[ch]' -o -name '*.cpp' | xargs clang-format -i

# Fuzz targets: tests/fuzz/fuzz_NAME.c with LLVMFuzzerTestOneInput, seeds in tests/fuzz/corpus/NAME/.
FUZZ_SECONDS ?= 60
FUZZ_C := $(sort $(wildcard tests/fuzz/fuzz_*.c))
.PHONY: fuzz fuzz-run
fuzz: ## fuzz all that reads foreign bytes, FUZZ_SECONDS each
	@$(MAKE) -s FUZZ=1 fuzz-run
ifeq ($(VARIANT),fuzz)
FUZZ_BIN := $(patsubst tests/%.c,$(OUT)/tests/%,$(FUZZ_C))
$(OUT)/tests/fuzz/%: $(OBJ)/tests/fuzz/%.o $(TUI_A) $(CORE_A)
	@mkdir -p $(@D)
	$(call SAY,LD)
	$(Q)$(CXX) $(subst fuzzer-no-link,fuzzer,$(ALL_LDFLAGS)) -o $@ $^ $(TUI_LIBS) $(CORE_LIBS)
fuzz-run: $(FUZZ_BIN)
	@tests/fuzz/run.sh $(FUZZ_SECONDS) $(FUZZ_BIN)
endif

DOCDIR = $(DESTDIR)$(PREFIX)/share/doc/cdctop
.PHONY: install install-test
install: $(OUT)/cdctop ## install to DESTDIR and PREFIX
	install -D -m 755 $(OUT)/cdctop $(DESTDIR)$(PREFIX)/bin/cdctop
	install -d $(DOCDIR)
	install -m 644 $(wildcard config.example.toml README.md LICENSE) $(DOCDIR)
install-test: $(OUT)/cdctop
	@tests/install.sh

.PHONY: pictures
pictures: $(OUT)/cdctop ## draw the pictures of the README anew
	@PROGRAM=$(OUT)/cdctop tests/pictures/draw.sh

.PHONY: bench
BENCHES := diagnose history large day
bench: $(OUT)/cdctop $(OUT)/tests/bench/bench $(BENCHES:%=$(OUT)/tests/bench/%) ## print the figures of speed, beside those of pg_activity, htop and btop
	@for bench in $(BENCHES); do $(OUT)/tests/bench/$$bench; done
	@tests/bench/run.sh $(OUT)/tests/bench/bench $(OUT)/cdctop
$(OUT)/tests/bench/%: $(OBJ)/tests/bench/%.o $(OBJ)/tests/bench/figures.o $(HELP_A) $(TUI_A) $(CORE_A)
	@mkdir -p $(@D)
	$(call SAY,LD)
	$(Q)$(CXX) $(ALL_LDFLAGS) -o $@ $^ -lcmocka -lvterm -lutil $(TUI_LIBS) $(CORE_LIBS)

# ONLY="name …" picks some of the faults (tests/live/faults/table.sh).
FAULT_TOOL := $(OUT)/tests/live/faults/kafka_tool
.PHONY: faults soak
faults: $(OUT)/cdctop $(FAULT_TOOL) ## break a pipeline of its own in every way we know, and see what cdctop says
	@CDCTOP=$(OUT)/cdctop KAFKA_TOOL=$(FAULT_TOOL) tests/live/faults/run.sh $(ONLY)
soak: $(OUT)/cdctop ## healthy load for SOAK_MINUTES (default 60) that must raise nothing
	@CDCTOP=$(OUT)/cdctop tests/live/faults/soak.sh
$(FAULT_TOOL): $(OBJ)/tests/live/faults/kafka_tool.o
	@mkdir -p $(@D)
	$(call SAY,LD)
	$(Q)$(CXX) $(ALL_LDFLAGS) -o $@ $< $(CORE_LIBS)
