// Start: the page takes the place of its image, the first with its mark that is not a page yet.

const image = document.querySelector(`img[data-glassgrad="${mark}"]`);
if (image) new Page(image);
