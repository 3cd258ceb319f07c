/* about_aws.h: the page "About" on AWS: who we are there, and what asking costs. */
#ifndef CDCTOP_TUI_VIEW_ABOUT_AWS_H
#define CDCTOP_TUI_VIEW_ABOUT_AWS_H

#include "tui/draw/doc.h"
#include "tui/view/view.h"

/* Of the pipeline with that index; nothing where AWS is not asked. */
void about_aws(const struct scene *s, struct doc *d, size_t pipeline);

#endif
