/* kafka_login.h: logging in to Kafka with what AWS has: a signed token (sasl_mechanism
 * AWS_MSK_IAM), or user and password out of Secrets Manager. Belongs to one thread; the tokens are
 * made on any.
 */
#ifndef CDCTOP_AWS_KAFKA_LOGIN_H
#define CDCTOP_AWS_KAFKA_LOGIN_H

#include "config/config.h"
#include "net/kafkaclient.h"

struct aws;
struct kafka_login;

/* Both are borrowed; aws NULL: there are no credentials. */
struct kafka_login *kafka_login_new(const struct pipeline_config *cfg, struct aws *aws);
/* Not before its client is closed. NULL is fine. */
void kafka_login_free(struct kafka_login *login);

/* Where the brokers are and how they want it, as MSK told; NULL: as the configuration has it. */
struct kafka_place {
    const char *bootstrap, *security_protocol, *mechanism;
};

/* For kafkaclient_new, while no client of this login is open: *out is good until the next call.
 * Waits for secrets if there are any in the configuration. False and *err. */
bool kafka_login_settle(struct kafka_login *login, const struct kafka_place *place,
                        const struct kafkaclient_until *until, struct kafkaclient_login *out,
                        struct err *err);

/* After a call failed with *err. Where that is a refused login its text gets what is known of the
 * reason, and what to do; STS is asked about the keys. True: keys or secrets are read anew, so the
 * client is to be made anew (at most once a minute). */
bool kafka_login_refused(struct kafka_login *login, const struct kafkaclient_until *until,
                         struct err *err);

/* "eu-west-3" of "b-1.x.c2.kafka.eu-west-3.amazonaws.com:9098,…"; false: it is no name of MSK. */
bool kafka_login_region(const char *bootstrap, char *out, size_t size);

#endif
