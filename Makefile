# cdctop: `make` builds build/cdctop, `make help` lists the rest.
#
# Everything is built out of tree: build/ (release) or build/<variant>/. A variant is chosen with
# SAN=address,undefined | SAN=thread | DEBUG=1 | FUZZ=1 and has its own objects.

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.SECONDARY:
.DEFAULT_GOAL := all

VERSION := 0.1.0
CC ?= cc
ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif
PREFIX ?= /usr/local
DESTDIR ?=

empty :=
space := $(empty) $(empty)
comma := ,
ifneq ($(FUZZ),)
  VARIANT := fuzz
  CC := clang
  CXX := clang++
  SANFLAGS := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -Wno-format-nonliteral
else ifneq ($(SAN),)
  VARIANT := san-$(subst $(comma),-,$(SAN))
  # What gcc sees of lengths and values among the sanitizers' own code misleads these two warnings.
  SANFLAGS := -fsanitize=$(SAN) -fno-sanitize-recover=all -Wno-format-truncation -Wno-maybe-uninitialized
else ifneq ($(DEBUG),)
  VARIANT := debug
else
  VARIANT := release
endif

ifeq ($(VARIANT),release)
  OPT := -O2 -D_FORTIFY_SOURCE=2
  OUT := build
else ifeq ($(VARIANT),debug)
  OPT := -O0 -g3
  OUT := build/$(VARIANT)
else
  OPT := -O1 -g -fno-omit-frame-pointer
  OUT := build/$(VARIANT)
endif
OBJ := build/obj/$(VARIANT)
GEN := build/gen

PKGS := libcurl rdkafka libpq libcjson expat libssl libcrypto libutf8proc libpcre2-8 zlib libzstd
# System headers are not ours to warn about.
PKG_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS) 2>/dev/null))
CORE_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lpthread -lm
TUI_LIBS := $(shell pkg-config --libs ncursesw 2>/dev/null)

WARN := -Wall -Wextra -Werror -Wshadow -Wundef -Wvla -Wformat=2 -Wcast-qual -Wwrite-strings \
  -Wpointer-arith -Wimplicit-fallthrough
CWARN := $(WARN) -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
# V=1 shows the whole command lines.
ifeq ($(V),)
  Q := @
  SAY = @echo "  $(1) $@"
else
  Q :=
  SAY = @:
endif

HARDEN := -fstack-protector-strong -fPIE -fcf-protection
ifeq ($(VARIANT),release)
  HARDEN += -fstack-clash-protection
endif
CPPFLAGS += -D_GNU_SOURCE -DCDCTOP_VERSION='"$(VERSION)"' -Icore -I. -I$(GEN) $(PKG_CFLAGS)
ALL_CFLAGS := -std=c17 -g $(OPT) $(CWARN) $(HARDEN) $(SANFLAGS) $(CFLAGS)
ALL_CXXFLAGS := -std=c++17 -g $(OPT) $(WARN) $(HARDEN) $(SANFLAGS) $(CXXFLAGS)
# One file is C++ (core/config/toml.cpp): what it needs of libstdc++ is linked in, which saves a megabyte
# of memory and a good part of the start.
ifeq ($(SANFLAGS),)
  STATIC_CXX := -static-libstdc++ -static-libgcc
endif
# Relocations of tables of pointers, packed: 200 KB less in memory. glibc understands them since 2.36.
ifeq ($(shell printf '2.36\n%s\n' "$$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2)" | sort -VC && echo yes),yes)
  RELR := -Wl,-z,pack-relative-relocs
endif
# A function that GnuTLS looks for: core/net/http.c.
SHOWN := -Wl,--export-dynamic-symbol=_gnutls_global_init_skip
ALL_LDFLAGS := -pie -Wl,-z,relro,-z,now $(RELR) $(SHOWN) -Wl,--as-needed -Wl,--gc-sections $(STATIC_CXX) $(SANFLAGS) $(LDFLAGS)

# See tests/tsan.c.
ifeq ($(SAN),thread)
  TSAN_O := $(OBJ)/tests/tsan.o
endif

CORE_C := $(sort $(shell find core -name '*.c'))
CORE_CXX := $(sort $(shell find core -name '*.cpp'))
TUI_C := $(sort $(filter-out tui/main.c,$(shell find tui -name '*.c')))
CORE_O := $(CORE_C:%.c=$(OBJ)/%.o) $(CORE_CXX:%.cpp=$(OBJ)/%.o) $(OBJ)/gen/scenarios.o
TUI_O := $(TUI_C:%.c=$(OBJ)/%.o) $(OBJ)/gen/themes.o
CORE_A := $(OBJ)/libcdctop-core.a
TUI_A := $(OBJ)/libcdctop-tui.a

UNIT_C := $(sort $(wildcard tests/unit/test_*.c tests/screen/test_*.c))
UNIT_BIN := $(patsubst tests/%.c,$(OUT)/tests/%,$(UNIT_C))
PTY_C := $(sort $(wildcard tests/pty/test_*.c))
PTY_BIN := $(patsubst tests/%.c,$(OUT)/tests/%,$(PTY_C))
LIVE_C := $(sort $(wildcard tests/live/test_*.c))
LIVE_BIN := $(patsubst tests/%.c,$(OUT)/tests/%,$(LIVE_C))
AWS_C := $(sort $(wildcard tests/aws/test_*.c))
AWS_BIN := $(patsubst tests/%.c,$(OUT)/tests/%,$(AWS_C))
# Code that several test programs share: tests/<tier>/*.c that do not begin with test_.
HELP_C := $(sort $(filter-out $(UNIT_C) $(PTY_C) $(LIVE_C) $(AWS_C), \
  $(wildcard tests/unit/*.c tests/screen/*.c tests/pty/*.c tests/live/*.c tests/aws/*.c)))
HELP_O := $(HELP_C:%.c=$(OBJ)/%.o)
HELP_A := $(OBJ)/libcdctop-testhelp.a

.PHONY: all
all: $(OUT)/cdctop $(OUT)/sigv4-vectors ## build the program (SAN=…, DEBUG=1 for variants)

.PHONY: demo
demo: ## build what is needed and open a simulated pipeline: no servers (SCENARIO=… another one)
	@pkg-config --exists $(PKGS) ncursesw tomlplusplus || tests/deps.sh build
	@$(MAKE) -s $(OUT)/cdctop
	@$(OUT)/cdctop --demo$(if $(SCENARIO),=$(SCENARIO))

$(OUT)/cdctop: $(OBJ)/tui/main.o $(TUI_A) $(CORE_A) $(TSAN_O)
	@mkdir -p $(@D)
	$(call SAY,LD)
	$(Q)$(CXX) $(ALL_LDFLAGS) -o $@ $^ $(TUI_LIBS) $(CORE_LIBS)

$(OUT)/sigv4-vectors: $(OBJ)/tests/vectors/sigv4_vectors.o $(HELP_A) $(CORE_A) $(TSAN_O)
	@mkdir -p $(@D)
	$(call SAY,LD)
	$(Q)$(CXX) $(ALL_LDFLAGS) -o $@ $^ $(CORE_LIBS)

$(CORE_A): $(CORE_O)
	@rm -f $@
	$(Q)ar rcs $@ $^
$(TUI_A): $(TUI_O)
	@rm -f $@
	$(Q)ar rcs $@ $^
$(HELP_A): $(HELP_O)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(OBJ)/%.o: %.c | deps-present $(GEN)/theme_names.h
	@mkdir -p $(@D)
	$(call SAY,CC )
	$(Q)$(CC) $(ALL_CFLAGS) $(CPPFLAGS) $(if $(filter core/% tui/%,$<),-include base/banned.h) -MMD -MP -c -o $@ $<
$(OBJ)/%.o: %.cpp | deps-present
	@mkdir -p $(@D)
	$(call SAY,CXX)
	$(Q)$(CXX) $(ALL_CXXFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<
$(OBJ)/gen/%.o: $(GEN)/%.c | deps-present
	@mkdir -p $(@D)
	$(call SAY,CC )
	$(Q)$(CC) $(ALL_CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

# Themes and scenarios are part of the program: no path to find them at run time.
$(GEN)/themes.c: $(wildcard themes/*.toml) tests/lint/embed.sh
	@mkdir -p $(@D)
	sh tests/lint/embed.sh tui/draw/theme_files.h theme_file theme_files $(sort $(wildcard themes/*.toml)) > $@
$(GEN)/theme_names.h: $(wildcard themes/*.toml) tests/lint/embed.sh
	@mkdir -p $(@D)
	sh tests/lint/embed.sh --names $(sort $(wildcard themes/*.toml)) > $@
$(GEN)/scenarios.c: $(wildcard core/demo/scenarios/*.toml) tests/lint/embed.sh
	@mkdir -p $(@D)
	sh tests/lint/embed.sh demo/scenario.h scenario_file scenario_files $(sort $(wildcard core/demo/scenarios/*.toml)) > $@

$(OUT)/tests/unit/%: $(OBJ)/tests/unit/%.o $(HELP_A) $(TUI_A) $(CORE_A) $(TSAN_O)
	@mkdir -p $(@D)
	$(call SAY,LD)
	$(Q)$(CXX) $(ALL_LDFLAGS) -o $@ $^ -lcmocka -lvterm -lutil $(TUI_LIBS) $(CORE_LIBS)
$(OUT)/tests/screen/%: $(OBJ)/tests/screen/%.o $(HELP_A) $(TUI_A) $(CORE_A) $(TSAN_O)
	@mkdir -p $(@D)
	$(call SAY,LD)
	$(Q)$(CXX) $(ALL_LDFLAGS) -o $@ $^ -lcmocka -lvterm -lutil $(TUI_LIBS) $(CORE_LIBS)
$(OUT)/tests/pty/%: $(OBJ)/tests/pty/%.o $(HELP_A) $(TUI_A) $(CORE_A) $(TSAN_O)
	@mkdir -p $(@D)
	$(call SAY,LD)
	$(Q)$(CXX) $(ALL_LDFLAGS) -o $@ $^ -lcmocka -lvterm -lutil $(TUI_LIBS) $(CORE_LIBS)
$(OUT)/tests/live/%: $(OBJ)/tests/live/%.o $(HELP_A) $(TUI_A) $(CORE_A) $(TSAN_O)
	@mkdir -p $(@D)
	$(call SAY,LD)
	$(Q)$(CXX) $(ALL_LDFLAGS) -o $@ $^ -lcmocka -lvterm -lutil $(TUI_LIBS) $(CORE_LIBS)
$(OUT)/tests/aws/%: $(OBJ)/tests/aws/%.o $(HELP_A) $(TUI_A) $(CORE_A) $(TSAN_O)
	@mkdir -p $(@D)
	$(call SAY,LD)
	$(Q)$(CXX) $(ALL_LDFLAGS) -o $@ $^ -lcmocka -lvterm -lutil $(TUI_LIBS) $(CORE_LIBS)

.PHONY: unit-bins unit pty-bins live-bins aws-bins
unit-bins: $(UNIT_BIN)
pty-bins: $(PTY_BIN)
live-bins: $(LIVE_BIN)
aws-bins: $(AWS_BIN)
unit: $(UNIT_BIN) ## run the unit and screen tests of this variant
	sh tests/run-bins.sh --look-through $(UNIT_BIN)

.PHONY: deps-present
deps-present:
	@pkg-config --exists $(PKGS) ncursesw tomlplusplus || { echo "some libraries are missing: run 'make deps' first" >&2; exit 1; }

.PHONY: clean
clean: ## remove build/
	rm -rf build

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | sort | awk -F'\t' '{printf "  %-14s %s\n", $$1, $$2}'

include tests/test.mk
-include tests/stack/lab.mk
-include $(shell find build/obj/$(VARIANT) -name '*.d' 2>/dev/null)
