/* login.h: logging in with what Secrets Manager has (${secret:NAME#key}), and into PostgreSQL also
 * with a token of RDS (Kafka: kafka_login.h). What the configuration says in plain words needs no
 * AWS: there aws may be NULL, and nobody is asked.
 *
 * A secret may have been rotated: after a server refused a login it is read anew, once, and only
 * when it is another one now the login is tried again, so that no account is locked by us.
 */
#ifndef CDCTOP_AWS_LOGIN_H
#define CDCTOP_AWS_LOGIN_H

#include "aws/rdshost.h"
#include "base/err.h"
#include "config/config.h"
#include "net/pgconn.h"

#include <stdbool.h>
#include <stdint.h>

struct aws;
struct connectapi;
struct refusal;

/* From now on the calls of api log in with what the secrets in cfg hold, also after a rotation.
 * Both are borrowed for its life. */
void login_connect(struct aws *aws, const struct connect_config *cfg, struct connectapi *api);

/* What pgconn_open is called with. */
struct login_postgres {
    struct pgconn_params params;
    char *conninfo, *password; /* secret: those of params */
    bool token;                /* the password is a token of RDS, of this region and user: */
    char region[RDSHOST_REGION], user[200];
    bool by_name;     /* the host's name told the region */
    char key_id[140]; /* whose signature it has */
    int64_t ahead_ms; /* of our clock, when it was made */
};
/* Of params all but conninfo, password and sslmode count. A token is made for this one connection:
 * it is good for 15 minutes, and only while logging in. */
bool login_postgres_prepare(struct aws *aws, const struct postgres_config *cfg,
                            const struct pgconn_params *params, int64_t deadline_ms, int stop_fd,
                            struct login_postgres *out, struct err *err);
void login_postgres_free(struct login_postgres *login);

/* Puts behind a server's refusal of a token what RDS wants, and what is known of the keys. */
void login_postgres_explain(struct aws *aws, const struct login_postgres *login,
                            const struct refusal *refusal, struct err *err);

/* pgconn_open with that. What a server says of a refused token is told with what RDS wants; it is
 * tried once more where STS says that it is another time, or there are other keys now. */
struct pgconn *login_postgres(struct aws *aws, const struct postgres_config *cfg,
                              const struct pgconn_params *params, int64_t deadline_ms, int stop_fd,
                              struct err *err);

#endif
