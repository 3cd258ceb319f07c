/* javaregex_code.h: the program that a pattern becomes; for javaregex.c, which writes it, and
 * javaregex_run.c, which runs it. */
#ifndef CDCTOP_MODEL_JAVAREGEX_CODE_H
#define CDCTOP_MODEL_JAVAREGEX_CODE_H

#include "model/javaregex.h"

#include <stdbool.h>
#include <stdint.h>

/* Jumps are relative, so that a piece of program can be moved and repeated as it is. */
enum javaregex_op { OP_SET, OP_SPLIT, OP_JUMP, OP_BEGIN, OP_END, OP_WORD_EDGE, OP_LOOK, OP_MATCH };

struct javaregex_instr {
    uint8_t op;
    bool negate;  /* OP_LOOK, OP_WORD_EDGE */
    uint16_t set; /* OP_SET: index */
    int16_t x, y; /* OP_SPLIT: both ways; OP_JUMP: x; OP_LOOK: x leads behind its own program */
};

struct javaregex_set {
    uint64_t bits[4];
};

struct javaregex {
    struct javaregex_instr *code;
    struct javaregex_set *sets;
    int ncode;
};

static inline bool javaregex_set_has(const struct javaregex_set *set, unsigned char c)
{
    return ((set->bits[c / 64] >> (c % 64)) & 1) != 0;
}

static inline bool javaregex_word_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

#endif
