/* Wine 8 has no bcryptprimitives.dll, which every Rust program imports for one function. This one
   stands beside programs that run under Wine in tests; Windows has its own. */

#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size)
{
    return SystemFunction036(data, (ULONG)size);
}
