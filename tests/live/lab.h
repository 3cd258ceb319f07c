/* lab.h: the whole program against the lab: runs of it without a terminal, the lab's own scripts,
 * and what the servers themselves say. */
#ifndef CDCTOP_TESTS_LIVE_LAB_H
#define CDCTOP_TESTS_LIVE_LAB_H

#include "base/json.h"
#include "tests/pty/rig.h"

/* The lab's ports; fails the test when there is no lab. */
struct rig_ports lab_ports(void);
/* What run.sh has set; fails the test when it has not. */
const char *lab_env(const char *name);
/* Skips the test unless LAB_FAULTS=1 says that this lab may be broken. */
void lab_may_break(void);

/* Runs tests/stack/SCRIPT with the arguments (NULL-terminated); fails the test if it fails. */
void lab_script(const char *script, ...);
/* The same, its output (malloc'd, without the last newline); *status tells how it ended. */
char *lab_ask(int *status, const char *script, ...);
#define lab_fault(what, part) lab_script("fault.sh", what, part, NULL)
/* Thaws and starts what is not well, and restarts what failed meanwhile. */
void lab_heal(void);

/* Group teardown for tests that break servers: the next program finds the lab whole; a lab that may
 * not be broken is left alone. Keeps the diary. */
int lab_heal_after(void **state);

/* cdctop with the lab's servers and these arguments; output malloc'd. Its audit log goes to
 * lab_audit_path. */
char *lab_cdctop(int *status, const char *const *args);
const char *lab_audit_path(void);
char *lab_audit_text(void); /* "" if there is none; malloc'd */
void lab_audit_clear(void);

/* cdctop status --json, parsed. */
cJSON *lab_status(int *status, const char *const *args);
/* Polls status until the element's field has this text; fails the test after `seconds`. */
void lab_wait_state(const char *array, const char *name, const char *field, const char *value,
                    int seconds);

#endif
