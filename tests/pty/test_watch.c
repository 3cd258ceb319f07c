/* status --watch: a document a line until somebody ends it, with servers that do not answer. */
#include "tests/check.h"
#include "tests/pty/rig.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The shell's words; $0 is the program, $1 the address of a port on which nobody listens. */
static char *sh(const char *script)
{
    char conninfo[64];
    (void)snprintf(conninfo, sizeof(conninfo), "host=127.0.0.1 port=%d", fake_closed_port());
    return rig_sh(script, conninfo);
}

static void test_a_closed_pipe_ends_it(void **state)
{
    (void)state;
    /* the pipe is closed after two documents; the third word says that the program saw it */
    char *text = sh("{ \"$0\" status --watch --interval 500ms --pg \"$1\"; echo \"left $?\" >&2; } "
                    "| head -n 2");
    int lines = 0;
    char left = '?';
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line, "left", 4) == 0) {
            left = line[5]; /* with the verdict of the last document: unknown, soon critical */
            continue;
        }
        cJSON *doc = cJSON_Parse(line);
        const cJSON *headline = cJSON_GetObjectItemCaseSensitive(doc, "headline");
        if (!cJSON_IsObject(headline))
            fail_msg("no document with a headline: %s", line);
        cJSON_Delete(doc);
        lines++;
    }
    assert_int_equal(lines, 2);
    assert_true(left == '2' || left == '3');
    free(text);
}

static void test_a_signal_ends_it(void **state)
{
    (void)state;
    /* as soon as it has told something */
    char *text = sh("out=$(mktemp); \"$0\" status --watch --interval 500ms --pg \"$1\" >\"$out\" & "
                    "until grep -q schema \"$out\"; do sleep 0.1; done; kill -TERM $!; wait $!; "
                    "left=$?; cat \"$out\"; rm \"$out\"; echo \"left $left\"");
    if (strstr(text, "\"schema\":1") == NULL || strstr(text, "}\nleft ") == NULL ||
        strstr(text, "left 1") != NULL)
        fail_msg("%s", text);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_closed_pipe_ends_it),
        cmocka_unit_test(test_a_signal_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
