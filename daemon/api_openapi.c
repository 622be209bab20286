#include "daemon/api.h"
#include "daemon/assets.h"

/* It belongs to the program, not to the page that --static-dir replaces. */
enum MHD_Result api_openapi(struct request *request, bool head)
{
    static const char *const allowed[] = {NULL};
    struct problem problem;

    (void)head;
    if (query_check(request->query, allowed, &problem) < 0)
        return respond_problem(request, &problem);
    return respond_asset(request, asset_find("/v1/openapi.json"), NULL);
}
