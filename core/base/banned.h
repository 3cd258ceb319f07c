/* banned.h: functions that this code base does without, because each has a bounded or checked
 * sibling. Force-included into every C file of core and tui by the Makefile. */
#ifndef CDCTOP_BASE_BANNED_H
#define CDCTOP_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets atoi atol atoll

#endif
