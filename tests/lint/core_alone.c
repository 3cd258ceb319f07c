/* core_alone.c: linked with all of core and without ncurses: what a second front end would be. */
int main(void)
{
    return 0;
}
