# The lab: the real pipeline on loopback. Included by the top-level Makefile, and usable by itself:
# make -f tests/stack/lab.mk lab-up. Settings (LAB_DIR, LAB_PORT_BASE, LAB_RATE, ...) are explained in lib/env.sh.

LAB_SH := $(dir $(lastword $(MAKEFILE_LIST)))lab.sh

.PHONY: lab lab-deps lab-up lab-down lab-status lab-check

lab-deps: ## install the lab's packages, download and build its jars
	@$(LAB_SH) deps

lab-up: ## start the lab pipeline and its write load
	@$(LAB_SH) up

lab-down: ## stop the lab pipeline (WIPE=1: delete its data too)
	@$(LAB_SH) down

lab-status: ## show the lab's parts
	@$(LAB_SH) status

lab-check: ## check the lab's S3 sink against what the real one does
	@$(dir $(LAB_SH))check.sh

lab: all lab-up ## start the lab pipeline and open cdctop on it
	@build/cdctop --config "$$($(LAB_SH) config)"
	@echo 'The lab goes on running; "make lab-down" ends it.'
