// What every process of the platform does with its requests: a line each, and the reasons of failures.
#pragma once

#include "net/server.h"

namespace elevaite::app {

void LogAccess(const net::AccessRecord& record);
void LogFailure(const Error& error, const net::Request& request);

}  // namespace elevaite::app
