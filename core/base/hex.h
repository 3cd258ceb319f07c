/* hex.h: hexadecimal digits, in any locale. */
#ifndef CDCTOP_BASE_HEX_H
#define CDCTOP_BASE_HEX_H

/* 0 to 15; -1 for anything else. */
int hex_digit(char c);

#endif
