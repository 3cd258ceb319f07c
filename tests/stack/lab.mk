# The lab: the real pipeline on loopback. Included by the top-level Makefile, and usable by itself:
# make -f tests/stack/lab.mk lab-up. Settings (LAB_DIR, LAB_PORT_BASE, LAB_RATE, ...) are explained in lib/env.sh.

LAB_SH := $(dir $(lastword $(MAKEFILE_LIST)))lab.sh

.PHONY: lab lab-deps lab-up lab-down lab-status

lab-deps: ## Install the lab's packages, download and build its jars
	@$(LAB_SH) deps

lab-up: ## Start the lab pipeline and its write load
	@$(LAB_SH) up

lab-down: ## Stop the lab pipeline (WIPE=1: delete its data too)
	@WIPE=$(WIPE) $(LAB_SH) down

lab-status: ## Show the lab's parts
	@$(LAB_SH) status

lab: all lab-up ## Start the lab pipeline and open cdctop on it
	build/cdctop --config config.example.toml
