/* iamtext.h: what AWS's texts of refusals say: "User: ARN is not authorized to perform: ACTION on
 * resource: ARN because no identity-based policy allows the ACTION action". The forms: IAM User
 * Guide, "Troubleshoot access denied error messages". The text is foreign; nothing in it is trusted
 * to be more than words.
 */
#ifndef CDCTOP_BASE_IAMTEXT_H
#define CDCTOP_BASE_IAMTEXT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct iam_denial {
    char principal[200]; /* ARN; "" not told */
    char who[80];        /* the role's or user's name in it; "" */
    char action[80];     /* "s3:PutObject" */
    char resource[300];  /* ARN; "" not told */
    char policy[48];     /* which kind says so: "identity-based policy", …; "" not told */
    bool explicitly;     /* it denies; else it lacks an Allow */
};

/* False: the text is no such refusal. */
bool iam_denial_read(const char *text, struct iam_denial *denial);

/* The statement that allows it, one line of JSON, in buf; buf. An object of S3 becomes all objects
 * of its bucket, and a use of a KMS key those that reading and writing through it need. */
enum { IAM_STATEMENT = 640 };
char *iam_statement(char *buf, size_t size, const struct iam_denial *denial);

/* One line of what to do, in buf; buf. */
char *iam_advice(char *buf, size_t size, const struct iam_denial *denial);

/* What came of a call that the text refuses, with what to do, in buf; the text itself where it is
 * no such refusal. */
const char *iam_refusal(char *buf, size_t size, const char *text);

/* What an operator does next: what the name of a refused login asks for, or what the login lacks
 * where a token of our keys was refused; else what the error's kind asks for. Never NULL. */
const char *iam_next_step(const struct err *err);

#endif
