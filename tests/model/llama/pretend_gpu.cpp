// A ggml backend whose device calls itself a GPU: buffers of its own that no other backend may touch, computed on the
// CPU. With it llama.cpp places layers, KV and experts as it would on a card, on a machine without one.
// VAULTC_PRETEND_MIB="96500" or "48000,24000" says how many devices there are and how much each has free.
//
// ggml's tables of functions are not in its installed headers; they are declared here as ggml 0.25.3 lays them out
// (API version 2, which ggml checks before it calls anything).
#include "ggml-backend.h"
#include "llama.h"
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>
#include <string>
#include <vector>

struct BufferType {  // ggml_backend_buffer_type
    const char *(*name)(BufferType *);
    ggml_backend_buffer_t (*allocate)(BufferType *, size_t);
    size_t (*alignment)(BufferType *);
    size_t (*max_size)(BufferType *);
    size_t (*allocation)(BufferType *, const ggml_tensor *);
    bool (*is_host)(BufferType *);
    ggml_backend_dev_t device;
    void *context;
};

struct Buffer {  // ggml_backend_buffer, and the functions it begins with
    struct Calls {
        void (*release)(Buffer *);
        void *(*base)(Buffer *);
        ggml_status (*init)(Buffer *, ggml_tensor *);
        void (*fill)(Buffer *, ggml_tensor *, uint8_t, size_t, size_t);
        void (*set)(Buffer *, ggml_tensor *, const void *, size_t, size_t);
        void (*get)(Buffer *, const ggml_tensor *, void *, size_t, size_t);
        void *set_2d, *get_2d;
        bool (*copy)(Buffer *, const ggml_tensor *, ggml_tensor *);
        void (*clear)(Buffer *, uint8_t);
        void *reset;
    } calls;
    BufferType *type;
    void *data;
    size_t size;
    int usage;
};

struct Backend {  // ggml_backend
    uint8_t (*guid)[16];
    const char *(*name)(Backend *);
    void (*release)(Backend *);
    void *asynchronous[5], *synchronize, *plans[4];
    ggml_status (*compute)(Backend *, ggml_cgraph *);
    void *events[2], *optimize;
    ggml_backend_dev_t device;
    ggml_backend_t cpu;
};

struct Device {  // ggml_backend_device
    const char *(*name)(Device *);
    const char *(*description)(Device *);
    void (*memory)(Device *, size_t *, size_t *);
    enum ggml_backend_dev_type (*kind)(Device *);
    void (*properties)(Device *, ggml_backend_dev_props *);
    Backend *(*start)(Device *, const char *);
    BufferType *(*buffers)(Device *);
    void *host_buffers, *from_host;
    bool (*can)(Device *, const ggml_tensor *);
    bool (*reads)(Device *, BufferType *);
    bool (*takes)(Device *, const ggml_tensor *);
    void *events[3];
    ggml_backend_reg_t registry;
    void *context;
    std::string label;  // from here on our own
    size_t free_bytes;
    BufferType type;
};

struct Registry {  // ggml_backend_reg
    int version;
    const char *(*name)(Registry *);
    size_t (*count)(Registry *);
    Device *(*device)(Registry *, size_t);
    void *address, *context;
};

extern "C" ggml_backend_buffer_t ggml_backend_buffer_init(BufferType *, Buffer::Calls, void *, size_t);

static std::vector<Device *> devices;

static ggml_backend_dev_t cpu() { return ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU); }
static void *place(const ggml_tensor *tensor, size_t offset) { return (char *)tensor->data + offset; }

static ggml_backend_buffer_t allocate(BufferType *type, size_t size) {
    Buffer::Calls calls{};
    calls.release = [](Buffer *buffer) { free(buffer->data); };
    calls.base = [](Buffer *buffer) { return buffer->data; };
    calls.fill = [](Buffer *, ggml_tensor *t, uint8_t value, size_t at, size_t n) { memset(place(t, at), value, n); };
    calls.set = [](Buffer *, ggml_tensor *t, const void *from, size_t at, size_t n) { memcpy(place(t, at), from, n); };
    calls.get = [](Buffer *, const ggml_tensor *t, void *to, size_t at, size_t n) { memcpy(to, place(t, at), n); };
    calls.clear = [](Buffer *buffer, uint8_t value) { memset(buffer->data, value, buffer->size); };
    void *data = aligned_alloc(128, (size / 128 + 1) * 128);
    return data ? ggml_backend_buffer_init(type, calls, data, size) : nullptr;
}

static Backend *start(Device *device, const char *) {
    static uint8_t guid[16] = {0x70, 0x72, 0x65, 0x74, 0x65, 0x6e, 0x64};
    auto *backend = new Backend{};
    backend->guid = &guid;
    backend->name = [](Backend *self) { return ((Device *)self->device)->label.c_str(); };
    backend->release = [](Backend *self) { ggml_backend_free(self->cpu); delete self; };
    backend->compute = [](Backend *self, ggml_cgraph *graph) { return ggml_backend_graph_compute(self->cpu, graph); };
    backend->device = (ggml_backend_dev_t)device;
    backend->cpu = ggml_backend_dev_init(cpu(), nullptr);
    return backend;
}

// What a card is asked to do although the weights lie in RAM: batches of 32 and more (as ggml's CUDA backend says).
static bool takes(Device *, const ggml_tensor *op) {
    switch (op->op) {
        case GGML_OP_GET_ROWS: return false;
        case GGML_OP_MUL_MAT: return op->ne[1] >= 32;
        case GGML_OP_MUL_MAT_ID:
        case GGML_OP_ROPE: return op->ne[2] >= 32;
        default: return ggml_nrows(op) >= 32;
    }
}

static Device *make_device(size_t index, size_t mib, Registry *registry) {
    auto *device = new Device{};
    device->label = "PRETEND" + std::to_string(index);
    device->free_bytes = mib << 20;
    device->registry = (ggml_backend_reg_t)registry;
    device->name = device->description = [](Device *self) { return self->label.c_str(); };
    device->memory = [](Device *self, size_t *free, size_t *total) { *free = *total = self->free_bytes; };
    device->kind = [](Device *) { return GGML_BACKEND_DEVICE_TYPE_GPU; };
    device->properties = [](Device *self, ggml_backend_dev_props *said) {
        *said = {};
        said->name = said->description = self->label.c_str();
        said->memory_free = said->memory_total = self->free_bytes;
        said->type = GGML_BACKEND_DEVICE_TYPE_GPU;
        said->caps.mmap_support = true;
    };
    device->start = start;
    device->buffers = [](Device *self) { return &self->type; };
    device->can = [](Device *, const ggml_tensor *op) { return ggml_backend_dev_supports_op(cpu(), op); };
    device->reads = [](Device *self, BufferType *type) { return type == &self->type; };
    device->takes = takes;
    device->type.name = [](BufferType *type) { return ((Device *)type->device)->label.c_str(); };
    device->type.allocate = allocate;
    device->type.alignment = [](BufferType *) { return (size_t)128; };
    device->type.device = (ggml_backend_dev_t)device;
    return device;
}

extern "C" Registry *ggml_backend_init() {
    static Registry registry{};
    registry.version = 2;
    registry.name = [](Registry *) { return "PRETEND"; };
    registry.count = [](Registry *) { return devices.size(); };
    registry.device = [](Registry *, size_t index) { return devices[index]; };
    std::stringstream sizes(getenv("VAULTC_PRETEND_MIB") ? getenv("VAULTC_PRETEND_MIB") : "96500");
    for (std::string size; std::getline(sizes, size, ',');) {
        devices.push_back(make_device(devices.size(), std::stoull(size), &registry));
    }
    return &registry;
}

struct llama_memory_breakdown_data { size_t model, context, compute; };
std::map<ggml_backend_buffer_type_t, llama_memory_breakdown_data> llama_get_memory_breakdown(const llama_context *);

// One line a kind of buffer: name, whether it is in RAM, bytes of weights, KV and compute.
extern "C" const char *pretend_memory(const llama_context *context) {
    static std::string text;
    std::ostringstream out;
    for (auto &[type, bytes] : llama_get_memory_breakdown(context)) {
        out << ggml_backend_buft_name(type) << ' ' << (devices.empty() || ((BufferType *)type)->allocate != allocate)
            << ' ' << bytes.model << ' ' << bytes.context << ' ' << bytes.compute << '\n';
    }
    return (text = out.str()).c_str();
}
