/* Which operations a region has: remembered from what came of asking for them. */
#include "aws/aws_int.h"

enum tri aws_offers(struct aws *aws, enum aws_call call)
{
    pthread_mutex_lock(&aws->lock);
    enum aws_offer offer = aws->offers[call];
    pthread_mutex_unlock(&aws->lock);
    return offer == OFFER_UNTRIED ? TRI_UNKNOWN : offer == OFFER_YES ? TRI_YES : TRI_NO;
}

void aws_offered(struct aws *aws, enum aws_call call, bool is)
{
    pthread_mutex_lock(&aws->lock);
    aws->offers[call] = is ? OFFER_YES : OFFER_NO;
    pthread_mutex_unlock(&aws->lock);
}
