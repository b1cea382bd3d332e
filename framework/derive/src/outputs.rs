//! The expansion of `#[derive(Outputs)]`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{
    Data, DeriveInput, Error, Fields, GenericArgument, Path, PathArguments, Result, Type, Visibility,
    spanned::Spanned,
};

use crate::engine_path;

struct Output<'a> {
    name: &'a Ident,
    visibility: &'a Visibility,
    carries: &'a Type,
}

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let engine = engine_path(&input.attrs)?;
    let outputs = outputs(input)?;
    let name = &input.ident;
    let (impls, types, bounds) = input.generics.split_for_impl();
    let streams = streams_name(name);
    let handles = handles(input, &streams, &outputs, &engine);
    let fields: Vec<_> = outputs.iter().map(|output| output.name).collect();
    let labels: Vec<_> = fields.iter().map(|field| field.to_string()).collect();
    let numbers: Vec<_> = (0..fields.len()).collect();
    let opened = outputs.iter().enumerate().map(|(number, output)| {
        let (field, carries) = (output.name, output.carries);
        // A type that is no tuple is refused here, where it stands.
        quote_spanned! { carries.span()=> #field: wires.open::<#carries>(#number), }
    });

    Ok(quote! {
        #handles

        impl #impls #engine::Outputs for #name #types #bounds {
            type Streams = #streams #types;

            fn names() -> &'static [&'static str] {
                &[#(#labels),*]
            }

            fn streams(component: #engine::derived::ComponentRef) -> Self::Streams {
                #streams { #(#fields: #engine::Stream::new(component, #numbers, #labels),)* }
            }

            fn open(wires: &mut #engine::derived::Wires) -> Self {
                Self { #(#opened)* }
            }

            fn finish(&mut self) -> bool {
                let mut full = false;
                #(full |= self.#fields.finish();)*
                full
            }

            fn discard(&mut self, verdict: &#engine::derived::Verdict) {
                #(self.#fields.discard(verdict);)*
            }

            fn seal(&mut self, anchor: #engine::Anchor, outcomes: &mut #engine::derived::Outcomes) {
                #(self.#fields.seal_branch(&anchor);)*
                outcomes.release(anchor);
            }

            fn append(&mut self, from: &mut Self) {
                #(self.#fields.append(&mut from.#fields);)*
            }
        }
    })
}

/// The struct of handles that `.output()` returns.
fn handles(input: &DeriveInput, streams: &Ident, outputs: &[Output<'_>], engine: &Path) -> TokenStream {
    let (name, visibility) = (&input.ident, &input.vis);
    let doc = format!("The streams of [`{name}`], for the wiring.");
    let fields: Vec<_> = outputs.iter().map(|output| output.name).collect();
    let labels: Vec<_> = fields.iter().map(|field| field.to_string()).collect();
    let visibilities = outputs.iter().map(|output| output.visibility);
    let carried = outputs.iter().map(|output| output.carries);
    let (impls, types, bounds) = input.generics.split_for_impl();
    quote! {
        #[doc = #doc]
        #visibility struct #streams #impls #bounds {
            #(
                #[doc = concat!("The stream `", #labels, "`.")]
                #visibilities #fields: #engine::Stream<#carried>,
            )*
        }

        // Not derived: a handle is `Copy` whatever its stream carries.
        impl #impls ::core::clone::Clone for #streams #types #bounds {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl #impls ::core::marker::Copy for #streams #types #bounds {}

        impl #impls ::core::fmt::Debug for #streams #types #bounds {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(stringify!(#streams))#(.field(#labels, &self.#fields))*.finish()
            }
        }
    }
}

/// `SplitOut` and `SplitOutputs` give `SplitStreams`.
fn streams_name(name: &Ident) -> Ident {
    let text = name.to_string();
    let stem = text.strip_suffix("Outputs").or_else(|| text.strip_suffix("Out")).unwrap_or(&text);
    format_ident!("{stem}Streams", span = name.span())
}

fn outputs(input: &DeriveInput) -> Result<Vec<Output<'_>>> {
    let expected =
        "`Outputs` is derived for a struct with named fields, one stream a field: `words: Emit<Word>`";
    let Data::Struct(data) = &input.data else {
        return Err(Error::new(input.ident.span(), expected));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new(input.ident.span(), expected));
    };
    if let Some(lifetime) = input.generics.lifetimes().next() {
        return Err(Error::new(lifetime.span(), "outputs cannot borrow: a stream outlives every call"));
    }
    fields
        .named
        .iter()
        .map(|field| {
            let name = field.ident.as_ref().ok_or_else(|| Error::new(field.span(), expected))?;
            Ok(Output { name, visibility: &field.vis, carries: carried_type(&field.ty)? })
        })
        .collect()
}

/// The `T` of `Emit<T>`.
fn carried_type(ty: &Type) -> Result<&Type> {
    if let Type::Path(path) = ty
        && let Some(last) = path.path.segments.last()
        && last.ident == "Emit"
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(GenericArgument::Type(carried)) = arguments.args.first()
    {
        return Ok(carried);
    }
    Err(Error::new(ty.span(), "a field of an `Outputs` struct is a stream: write `Emit<T>`"))
}
