#include "faces.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include <string.h>

#include <dlib/dnn.h>
#include <dlib/image_processing/shape_predictor.h>
#include <dlib/image_transforms.h>
#include <dlib/revision.h>

#include "fpass-dlib/src/bridge.rs.h"

namespace fpass {
namespace {

using Matrix = dlib::matrix<dlib::rgb_pixel>;

// Side of the chip in pixels and its margin, as the network was trained.
constexpr unsigned long CHIP_SIDE = 150;
constexpr double CHIP_PADDING = 0.25;
// dlib ends the process on any other number of landmarks.
constexpr size_t LANDMARKS = 5;

// The network of dlib_face_recognition_resnet_model_v1.dat
// (http://dlib.net/dnn_face_recognition_ex.cpp.html): 29 convolutions in blocks of two, in five
// groups with 32 to 256 filters. Each group except the first begins with a block that halves the
// sides. The types must be those of the file; the names are our own.
template <int filters, int stride, typename Below>
using Pair = dlib::affine<dlib::con<filters, 3, 3, 1, 1,
    dlib::relu<dlib::affine<dlib::con<filters, 3, 3, stride, stride, Below>>>>>;
template <int filters, typename Below>
using Plain = dlib::relu<dlib::add_prev1<Pair<filters, 1, dlib::tag1<Below>>>>;
template <int filters, typename Below>
using Halving = dlib::relu<dlib::add_prev2<dlib::avg_pool<2, 2, 2, 2,
    dlib::skip1<dlib::tag2<Pair<filters, 2, dlib::tag1<Below>>>>>>>;

template <typename Below> using Entry =
    dlib::max_pool<3, 3, 2, 2, dlib::relu<dlib::affine<dlib::con<32, 7, 7, 2, 2, Below>>>>;
template <typename Below> using Of32 = Plain<32, Plain<32, Plain<32, Below>>>;
template <typename Below> using Of64 = Plain<64, Plain<64, Plain<64, Halving<64, Below>>>>;
template <typename Below> using Of128 = Plain<128, Plain<128, Halving<128, Below>>>;
template <typename Below> using Of256 = Halving<256, Plain<256, Plain<256, Halving<256, Below>>>>;

using Resnet = dlib::loss_metric<dlib::fc_no_bias<128, dlib::avg_pool_everything<
    Of256<Of128<Of64<Of32<Entry<dlib::input_rgb_image_sized<CHIP_SIDE>>>>>>>>>;

// Overwrites memory in a way that the compiler does not remove.
void overwrite(void *start, size_t bytes) {
    if (bytes != 0) explicit_bzero(start, bytes);
}
void overwrite(Matrix &matrix) {
    if (matrix.size() != 0) overwrite(&matrix(0, 0), matrix.size() * sizeof(dlib::rgb_pixel));
}
// A tensor that dlib owns and of which it gives const references only.
void overwrite(const dlib::tensor &kept) {
    auto &tensor = const_cast<dlib::tensor &>(kept);
    if (tensor.size() != 0) overwrite(tensor.host_write_only(), tensor.size() * sizeof(float));
}

// Runs a function at the end of the block, also after an exception.
template <typename Function> class AtEnd {
public:
    explicit AtEnd(Function function) : function(std::move(function)) {}
    ~AtEnd() { function(); }
    AtEnd(const AtEnd &) = delete;

private:
    Function function;
};

template <typename Model> void read(rust::Str path, Model &model) {
    dlib::deserialize(std::string(path)) >> model;
}

}

struct Image::Pixels {
    Matrix matrix;
};

Image::Image(uint32_t width, uint32_t height, rust::Slice<const uint8_t> source)
    : pixels(new Pixels) {
    const size_t count = size_t(width) * height;
    if (count == 0 || source.size() != 3 * count) throw std::invalid_argument("sides and bytes differ");
    pixels->matrix.set_size(height, width);
    const uint8_t *next = source.data();
    for (auto &pixel : pixels->matrix) {
        pixel = dlib::rgb_pixel(next[0], next[1], next[2]);
        next += 3;
    }
}
Image::~Image() { overwrite(pixels->matrix); }

struct ShapePredictor::Inner {
    dlib::shape_predictor predictor;
};
ShapePredictor::ShapePredictor(rust::Str path) : inner(new Inner) { read(path, inner->predictor); }
ShapePredictor::~ShapePredictor() = default;

rust::Vec<Point> ShapePredictor::landmarks(const Image &image, const Rectangle &face) const {
    const dlib::rectangle bounds(face.left, face.top, face.right, face.bottom);
    const auto shape = inner->predictor(image.held().matrix, bounds);
    rust::Vec<Point> points;
    // Parts have fractions from dlib 20 on. As dlib::point they are whole numbers in both versions.
    for (unsigned long i = 0; i < shape.num_parts(); i++) {
        const dlib::point part = shape.part(i);
        points.push_back({part.x(), part.y()});
    }
    return points;
}

struct FaceNetwork::Inner {
    Resnet network;
    dlib::resizable_tensor input;
};
FaceNetwork::FaceNetwork(rust::Str path) : inner(new Inner) { read(path, inner->network); }
FaceNetwork::~FaceNetwork() = default;

void FaceNetwork::embed(
    const Image &image, rust::Slice<const Point> landmarks, rust::Slice<float> values) {
    if (landmarks.size() != LANDMARKS) throw std::invalid_argument("not five landmarks");
    std::vector<dlib::point> parts;
    for (const auto &point : landmarks) parts.emplace_back(point.x, point.y);
    const dlib::full_object_detection shape(dlib::rectangle(), parts);

    Matrix chip;
    auto &body = inner->network.subnet();
    const AtEnd forget([&] {
        overwrite(chip);
        overwrite(inner->input);
        overwrite(body.get_output());
    });
    dlib::extract_image_chip(
        image.held().matrix, dlib::get_face_chip_details(shape, CHIP_SIDE, CHIP_PADDING), chip);
    inner->network.to_tensor(&chip, &chip + 1, inner->input);
    const dlib::tensor &output = body.forward(inner->input);
    if (output.size() != values.size()) throw std::length_error("another number of values");
    std::copy(output.host(), output.host() + output.size(), values.begin());
}

std::unique_ptr<Image> image(uint32_t width, uint32_t height, rust::Slice<const uint8_t> pixels) {
    return std::make_unique<Image>(width, height, pixels);
}
std::unique_ptr<ShapePredictor> predictor(rust::Str path) { return std::make_unique<ShapePredictor>(path); }
std::unique_ptr<FaceNetwork> network(rust::Str path) { return std::make_unique<FaceNetwork>(path); }
uint32_t version() { return DLIB_MAJOR_VERSION * 100 + DLIB_MINOR_VERSION; }

}
