/* keep.h: what cdctop wrote in a test is kept for those who look through the whole run for secrets
 * (tests/after.py): in the directory that TEST_RUN_DIR names; where it is not set nothing is kept.
 * What a test writes itself, keys in a configuration above all, is nobody's leak: it does not
 * belong there. */
#ifndef CDCTOP_TESTS_KEEP_H
#define CDCTOP_TESTS_KEEP_H

#include <stdbool.h>
#include <stddef.h>

/* Is this run looked through at its end? */
bool keeping(void);

/* A new directory for what cdctop writes, in the run's or in /tmp; NAME says of what. It stays
 * after the test if it is kept. */
void keep_dir(char *path, size_t size, const char *name);

/* The path of a file that cdctop adds to, run by run. False: it is not to be kept. */
bool keep_path(char *path, size_t size, const char *name);

/* What cdctop said or drew, as a file. */
void keep_bytes(const char *name, const void *bytes, size_t n);

/* In place of unlink: the file is gone from where it was. One that is none, or not there, is fine.
 */
void keep_file(const char *path);

/* A group's teardown: the newest lines of this program's own diary. */
int keep_diary(void **state);

/* In a child, before it becomes cdctop: whatever it may dump it dumps. */
void keep_cores(void);

#endif
