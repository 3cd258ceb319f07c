/* fault.h: the error in an answer of AWS: its name and message from each of the protocols, what
 * kind of error it is, and what to do about it. Pure; the body is foreign.
 *
 * Names: botocore's models and its retry tables; messages of refused signatures and rights as IAM
 * and the signing services word them.
 */
#ifndef CDCTOP_AWS_FAULT_H
#define CDCTOP_AWS_FAULT_H

#include "aws/calls.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum aws_handling {
    AWS_FINAL, /* asking again changes nothing */
    AWS_SKEW,  /* our clock is wrong */
    AWS_RENEW, /* other credentials may do */
    AWS_AGAIN, /* later, where the call changes nothing */
};

struct aws_fault {
    /* Cleaned for display, cut to fit; "" what is missing. */
    char code[100];     /* "AccessDeniedException"; "": this is no error of AWS */
    char message[360];  /* its first line: what follows may quote the signed headers */
    char action[100];   /* "kafka:ListClustersV2", as the message of a refusal names it */
    char resource[320]; /* "arn:…": the same */
    enum err_kind kind;
    enum aws_handling handling;
    bool throttled;
};

/* errortype: the x-amzn-errortype header, or "". */
void aws_fault_read(enum aws_protocol protocol, long status, const char *errortype,
                    const char *body, size_t len, struct aws_fault *fault);

#endif
