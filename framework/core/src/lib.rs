//! The words of Squall and its typed machinery.
