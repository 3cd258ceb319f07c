/* creds_process.c: credential_process of a profile: a program that prints keys (version 1). */
#include "aws/creds_int.h"
#include "base/mem.h"
#include "config/expand.h"

#include <string.h>

/* `aws configure export-credentials` may have to ask a server for a new token first. */
enum { PROCESS_MS = 30 * 1000 };

static const struct creds_shape printed = {.token_key = "SessionToken", .version = 1};

/* What it usually is with the AWS CLI, whose own words we do not read: they may hold anything. */
static const char login_anew[] = "; where its session has ended, log in anew: aws sso login";

enum creds_answer creds_process(const struct creds_fetch *f, const char *command,
                                struct creds_found *found, struct err *err)
{
    char *words = mem_strdup(command), *argv[EXPAND_MAX_WORDS + 1], *text = NULL, why[160];
    int count = expand_words(words, argv);
    bool ok = false;
    *found = (struct creds_found){0};
    if (count < 0)
        err_set(err, ERR_CONFIG, 0, "a quote is not closed, or there are more than 64 words");
    else if (count == 0)
        err_set(err, ERR_CONFIG, 0, "the program is missing");
    else if ((text = expand_run(argv, PROCESS_MS, f->stop_fd, why, sizeof(why))) == NULL)
        err_set(err, ERR_CONFIG, 0, "%.80s: %s%s", argv[0], why,
                strstr(command, "export-credentials") != NULL ? login_anew : "");
    else
        ok = creds_json(text, strlen(text), &printed, &found->keys, err);
    if (!ok)
        err_wrap(err, "credential_process");
    mem_wipe_free(text);
    mem_wipe_free(words);
    return ok ? CREDS_FOUND : CREDS_FAILED;
}
