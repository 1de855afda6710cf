// The parts of Asio and Beast that only this room uses are compiled here, once.
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
