/* rig.h: the program started in a terminal against four servers, real or fake. */
#ifndef CDCTOP_TESTS_RIG_H
#define CDCTOP_TESTS_RIG_H

#include "tests/pty/fake.h"
#include "tests/pty/pty.h"

enum rig_server { RIG_PG, RIG_KAFKA, RIG_CONNECT, RIG_S3, RIG_SERVERS };

/* Where the four servers are; 0: that one is not given on the command line. */
struct rig_ports {
    int port[RIG_SERVERS];
};

struct rig_options {
    struct rig_ports ports;
    const char *const *args; /* further arguments, NULL-terminated; NULL */
    const char *const *env;  /* as in pty_options */
    int rows, cols;
    const char *pg_more; /* further words of the conninfo; NULL */
};

/* Sooner than any server is given up, which takes five seconds at least: what is there or over
 * within so many milliseconds has not waited for one. Not less than a busy machine may need. */
enum { RIG_AT_ONCE = 4000 };

/* What to wait for: the first frame is there. */
extern const char rig_frame[];

/* $CDCTOP, or build/cdctop. */
const char *rig_program(void);

/* "host=… port=…" and so on, and the argument list of it all: for runs without a terminal too.
 * The arguments stay valid until the next call with the same `line`. */
struct rig_line {
    char pg[180], kafka[64], connect[64], s3[64], endpoint[80], log[80];
    const char *argv[48];
    const char *env[48];
};
void rig_command(struct rig_line *line, const struct rig_options *options);

struct pty *rig_start(const struct rig_options *options);
/* The same with four fakes of the given manner; the caller stops them after pty_free. */
struct pty *rig_start_fakes(const struct fake_manner manners[RIG_SERVERS],
                            struct fake *fakes[RIG_SERVERS], const struct rig_options *options);
void rig_stop_fakes(struct fake *fakes[RIG_SERVERS]);

/* All four as stopped processes look from outside. */
extern const struct fake_manner rig_all_frozen[RIG_SERVERS];

/* The title line of the pane of that server, as far as it belongs to it; "" if it is not there. */
const char *rig_pane_title(struct pty *pty, enum rig_server server, char *buf, size_t size);
/* Does the pane say that its data is old or unknown? */
bool rig_pane_in_trouble(struct pty *pty, enum rig_server server);
bool rig_expect_trouble(struct pty *pty, enum rig_server server, bool trouble, int ms);

/* The ports of the lab from LAB_PORT_PG and so on; false if they are not set. */
bool rig_lab(struct rig_ports *ports);

/* Runs a command without a terminal; its output (malloc'd) and exit status, -1 for a signal or when
 * it did not end in `seconds`. What cdctop says is kept (tests/unit/keep.h): of a command that is
 * another one use rig_run_other. */
char *rig_run(const char *const *argv, const char *const *env, int seconds, int *status);
char *rig_run_other(const char *const *argv, const char *const *env, int seconds, int *status);
/* What the words of a shell print; $0 is the program, $1 what the test says (NULL: nothing).
 * malloc'd. Fails the test when they end badly, or not within a minute. */
char *rig_sh(const char *script, const char *word);
/* All of these (to NULL) must be in it; frees the text. */
void rig_has(char *text, const char *const *words);

#endif
