//! The page: views of what the worker found.

mod page;

fn main() {
    yew::Renderer::<page::app::App>::new().render();
}
