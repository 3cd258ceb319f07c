#include <stdio.h>

int main(void)
{
    puts("cdctop " CDCTOP_VERSION);
    return 0;
}
