/* Which operations a region has: remembered from what came of asking for them. */
#include "aws/aws_int.h"

enum tri aws_offers(struct aws *aws, enum aws_call call)
{
    pthread_mutex_lock(&aws->lock);
    enum tri is = aws->offered[call];
    pthread_mutex_unlock(&aws->lock);
    return is;
}

void aws_offered(struct aws *aws, enum aws_call call, bool is)
{
    pthread_mutex_lock(&aws->lock);
    aws->offered[call] = is ? TRI_YES : TRI_NO;
    pthread_mutex_unlock(&aws->lock);
}
