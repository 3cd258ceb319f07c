/* creds_int.h: what the links of the credential chain share. A link is asked on the refreshing
 * thread (creds.c) and may block, each call of it for a short time only and never beyond stop_fd.
 * No text of an answer goes into an error before it is known to hold no secret.
 */
#ifndef CDCTOP_AWS_CREDS_INT_H
#define CDCTOP_AWS_CREDS_INT_H

#include "aws/aws_int.h"
#include "aws/profile.h"

enum creds_answer {
    CREDS_NONE,  /* not configured: the next link is asked */
    CREDS_FOUND, /* *found is the caller's */
    CREDS_FAILED /* configured, and *err says why it gives nothing: the chain ends here */
};

struct creds_found {
    struct aws_credentials keys;
    char *from; /* "profile prod, role arn:aws:iam::…" */
};
void creds_found_free(struct creds_found *found); /* wipes; leaves it empty */

struct creds_fetch { /* one run through the chain */
    struct aws *aws;
    struct profiles *profiles;
    struct aws_client *client;
    int stop_fd;
};

/* creds_chain.c: asks link after link. */
bool creds_chain(struct aws *aws, int stop_fd, struct creds_found *found, struct err *err);
/* What needs neither file nor server, and never changes: the keys of configuration and environment,
 * where no role is wanted on top. */
enum creds_answer creds_at_hand(struct aws *aws, struct creds_found *found, struct err *err);
enum creds_answer creds_failed(struct err *err, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* creds_env.c: keys that are written out. NULL and "" are the same. */
enum creds_answer creds_keys(const char *id, const char *secret, const char *token,
                             const char *where, struct creds_found *found, struct err *err);
enum creds_answer creds_environment(struct creds_fetch *f, struct creds_found *found,
                                    struct err *err);

/* creds_profile.c */
enum creds_answer creds_profile(struct creds_fetch *f, const char *name, struct creds_found *found,
                                struct err *err);

/* creds_role.c: STS. Strings may be NULL but for arn. */
struct creds_role {
    const char *arn, *external_id, *session_name;
    const char *duration; /* seconds */
};
/* *found, which signs the call, is replaced by the role's keys; on failure it is freed. */
enum creds_answer creds_assume(struct creds_fetch *f, const struct creds_role *role,
                               struct creds_found *found, struct err *err);
enum creds_answer creds_web_identity(struct creds_fetch *f, const struct creds_role *role,
                                     const char *token_file, struct creds_found *found,
                                     struct err *err);

/* creds_process.c: a program that prints them. */
enum creds_answer creds_process(const struct creds_fetch *f, const char *command,
                                struct creds_found *found, struct err *err);

/* creds_container.c: ECS, EKS Pod Identity, Greengrass. */
enum creds_answer creds_container(struct creds_fetch *f, struct creds_found *found,
                                  struct err *err);

/* creds_imds.c: the EC2 instance we run on, by IMDSv2. Where no instance is: CREDS_NONE, and *err
 * says how that was seen. */
enum creds_answer creds_instance(struct creds_fetch *f, struct creds_found *found, struct err *err);
char *imds_region(int stop_fd); /* malloc'd; NULL: not told */

/* creds_json.c: {"AccessKeyId":…,"SecretAccessKey":…,"Expiration":…} and the token. */
struct creds_shape {
    const char *token_key; /* "Token", "SessionToken" */
    bool ends;             /* without Expiration it is no answer */
    int64_t version;       /* what "Version" must say; 0: no matter */
};
bool creds_json(const char *text, size_t len, const struct creds_shape *shape,
                struct aws_credentials *keys, struct err *err);
/* A string of a JSON answer that is not secret ("Code", "message"), cleaned; "" where none is. */
void creds_json_say(const char *text, size_t len, const char *key, char *buf, size_t size);
/* At most max bytes of a file that holds a token, without what stands around it; malloc'd, wipe it.
 * NULL and *err. */
char *creds_token_file(const char *path, size_t max, struct err *err);
void creds_wipe_answer(struct http_response *resp); /* and frees it */

#endif
