#!/usr/bin/env bash
# Moves an installed copy elsewhere and builds and runs an example against it: shared and static, by pkg-config and CMake.
#
#   test.sh OUT VERSION      the copy is in OUT/first
set -euo pipefail

out=$(realpath "$1")
version=$2
here=$(cd "$(dirname "$0")/.." && pwd)
work=$out/install-test
rm -rf "$work" && mkdir -p "$work"
# Relocatable means that it also works where it was not installed to.
mv "$out/first" "$work/prefix"
export PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig
unset LD_LIBRARY_PATH

needs_library() { # NAME: whether it looks for the shared library when it starts
    readelf -d "$work/$1" | grep -q 'NEEDED.*librustchat\.so\.0'
}

fail() {
    echo "install-test: $*" >&2
    exit 1
}

run() { # NAME: an echo over the network with both sides of this build
    "$work/$1" serve 0 > "$work/$1.out" 2> "$work/$1.err" &
    local server=$! port=""
    for _ in $(seq 100); do
        port=$(sed -n 's/^listening on .*://p' "$work/$1.out")
        [ -n "$port" ] && break
        sleep 0.05
    done
    "$work/$1" call 127.0.0.1 "$port" 64 0.1 > "$work/$1.json"
    kill -INT "$server" && wait "$server"
    grep -q '"round_trips": [1-9]' "$work/$1.json"
    echo "install-test: $1 ok"
}

[ "$(pkg-config --modversion rustchat)" = "$version" ]
read -ra flags <<< "$(pkg-config --cflags --libs rustchat)"
cc -std=c99 "$here/examples/echo_auth.c" "${flags[@]}" -pthread -Wl,-rpath,"$work/prefix/lib" -o "$work/pkgconfig_shared"
needs_library pkgconfig_shared || fail "pkgconfig_shared is not linked with the shared library"
run pkgconfig_shared

c++ -std=c++17 "$here/examples/chat_server.cpp" "${flags[@]}" -pthread -Wl,-rpath,"$work/prefix/lib" -o "$work/pkgconfig_cpp"
needs_library pkgconfig_cpp || fail "pkgconfig_cpp is not linked with the shared library"

read -ra flags <<< "$(pkg-config --static --cflags --libs rustchat | sed 's/-lrustchat/-l:librustchat.a/')"
cc -std=c99 "$here/examples/echo_auth.c" "${flags[@]}" -pthread -o "$work/pkgconfig_static"
! needs_library pkgconfig_static || fail "pkgconfig_static is linked with the shared library"
run pkgconfig_static

mkdir "$work/cmake"
cat > "$work/cmake/CMakeLists.txt" <<CMAKE
cmake_minimum_required(VERSION 3.16)
project(rustchat_install_test C)
find_package(rustchat $version EXACT REQUIRED)
find_package(Threads REQUIRED)
foreach(kind shared static)
  add_executable(cmake_\${kind} $here/examples/echo_auth.c)
  target_link_libraries(cmake_\${kind} PRIVATE rustchat::\${kind} Threads::Threads)
  set_target_properties(cmake_\${kind} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "$work")
endforeach()
CMAKE
cmake -S "$work/cmake" -B "$work/cmake/build" -DCMAKE_PREFIX_PATH="$work/prefix" > "$work/cmake.log"
cmake --build "$work/cmake/build" >> "$work/cmake.log"
needs_library cmake_shared || fail "cmake_shared is not linked with the shared library"
run cmake_shared
! needs_library cmake_static || fail "cmake_static is linked with the shared library"
run cmake_static
