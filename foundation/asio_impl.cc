// Boost.Asio is compiled here, once (BOOST_ASIO_SEPARATE_COMPILATION is defined for the whole tree).
#include <boost/asio/impl/src.hpp>
